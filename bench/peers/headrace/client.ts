import type { Flow, Service } from 'headrace'
import { hundredBytes, type PeerClient, type Run } from '../peer.js'
import type { Text } from '../../bench.headrace.js'
import type { Definitions } from './definitions.js'

/** A client as a user writes it: typed, calls awaited, streams subscribed or iterated, every option at its default. */
export function clientOf(
  service: Service,
  { bench, topic }: Definitions,
  run: Run,
  server: string,
): PeerClient {
  const client = service.client(bench, server)
  const topics = { 1: topic(run, 1), 8: topic(run, 8) } as const
  return {
    call: name => client.hello({ name }),
    echo: payload => client.echo({ payload }),
    serverStream: count => subscribed(client.texts({ count })),
    bidi: count => subscribed(client.echoes(texts(count))),
    iterated: {
      serverStream: count => iterated(client.texts({ count })),
      bidi: count => iterated(client.echoesIterated(texts(count))),
    },
    publish: subscribers => service.publish(topics[subscribers], { text: hundredBytes }),
    publishMany: async (subscribers, count) => {
      const reports = await service.publishAll(topics[subscribers], texts(count))
      const failed = reports.find(({ error }) => error !== undefined)
      if (reports.length !== subscribers || failed !== undefined)
        throw failed?.error ?? new Error('nobody took the events')
    },
    connections: () => openConnections(service),
    openStreams: count => Promise.all(Array.from({ length: count }, () => began(client.echoes(oneText())))),
    close: () => service.close({ lingerMs: 0 }),
  }
}

function* texts(count: number): Generator<Text> {
  for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
}

/** One, and no end. */
async function* oneText(): AsyncGenerator<Text> {
  yield { text: hundredBytes }
  await new Promise(() => undefined)
}

function subscribed(messages: Flow<unknown>): Promise<number> {
  let count = 0
  return new Promise((resolve, reject) => {
    messages.subscribe({ next: () => (count += 1), error: reject, complete: () => resolve(count) })
  })
}

async function iterated(messages: Flow<unknown>): Promise<number> {
  let count = 0
  for await (const _ of messages) count += 1
  return count
}

function began(messages: Flow<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => messages.subscribe({ next: resolve, error: reject }))
}

function openConnections(service: Service): Promise<number> {
  return new Promise((resolve, reject) => {
    const subscription = service.stats.subscribe({
      next: ({ connections }) => {
        resolve(connections.reduce((sum, { links, dialling }) => sum + links + dialling, 0))
        queueMicrotask(() => subscription.unsubscribe())
      },
      error: reject,
    })
  })
}
