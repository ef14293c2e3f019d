import { defineService, defineTopic, rpc, type TopicDefinition } from 'headrace'
import type { Run, Subscribers } from '../peer.js'

/** A message of a stream, and an event. */
export interface Text {
  text: string
}

/** A text to send: a field that is left out has its default. */
interface TextInit {
  readonly text?: string | undefined
}

/** The endpoints and topics as one encoding has them. */
export interface Definitions {
  readonly bench: typeof jsonBench
  topic(run: Run, subscribers: Subscribers): TopicDefinition<TextInit>
}

const jsonBench = defineService('Bench', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
  echo: rpc.unary<{ payload: string }, { payload: string }>(),
  texts: rpc.serverStream<{ count: number }, Text>(),
  echoes: rpc.bidi<Text, Text>(),
  echoesIterated: rpc.bidi<Text, Text>(),
})

/** Messages described in TypeScript alone. */
export const json: Definitions = {
  bench: jsonBench,
  topic: (run, subscribers) => defineTopic<TextInit>(topicName(run, subscribers)),
}

/** The messages of bench.proto, as `headrace gen` writes them. */
export async function protobuf(): Promise<Definitions> {
  const { Bench, Text } = await import('../../bench.headrace.js')
  return { bench: Bench, topic: (run, subscribers) => defineTopic(topicName(run, subscribers), Text) }
}

function topicName(run: Run, subscribers: Subscribers): string {
  return `${run.name}-to-${subscribers}`
}
