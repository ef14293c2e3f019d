import { defineService, defineTopic, rpc, type TopicDefinition } from 'headrace'
import type { MessageInit } from 'headrace/protobuf'
import type { Text } from '../../bench.headrace.js'
import type { Run, Subscribers } from '../peer.js'

/** The endpoints and topics as one encoding has them. */
export interface Definitions {
  readonly bench: typeof jsonBench
  topic(run: Run, subscribers: Subscribers): TopicDefinition<MessageInit<Text>>
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
  topic: (run, subscribers) => defineTopic<MessageInit<Text>>(topicName(run, subscribers)),
}

/** The messages of bench.proto, as `headrace gen` writes them. */
export async function protobuf(): Promise<Definitions> {
  const { Bench, Text } = await import('../../bench.headrace.js')
  return { bench: Bench, topic: (run, subscribers) => defineTopic(topicName(run, subscribers), Text) }
}

function topicName(run: Run, subscribers: Subscribers): string {
  return `${run.name}-to-${subscribers}`
}
