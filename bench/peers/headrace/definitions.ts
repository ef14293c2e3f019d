import { fileURLToPath } from 'node:url'
import { defineService, defineTopic, rpc, type TopicDefinition } from 'headrace'
import { loadProto } from 'headrace/adapters/codec/proto-types'
import type { Run, Subscribers } from '../peer.js'

/** A message of a stream, and an event. */
export interface Text {
  text: string
}

/** The endpoints and topics as one encoding has them. */
export interface Definitions {
  readonly bench: typeof jsonBench
  topic(run: Run, subscribers: Subscribers): TopicDefinition<Text>
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
  topic: (run, subscribers) => defineTopic<Text>(topicName(run, subscribers)),
}

/** The messages of bench.proto. */
export async function protobuf(): Promise<Definitions> {
  const types = await loadProto(fileURLToPath(new URL('../../bench.proto', import.meta.url)))
  return {
    bench: types.service<typeof jsonBench>('Bench'),
    topic: (run, subscribers) => defineTopic(topicName(run, subscribers), types.type<Text>('Text')),
  }
}

function topicName(run: Run, subscribers: Subscribers): string {
  return `${run.name}-to-${subscribers}`
}
