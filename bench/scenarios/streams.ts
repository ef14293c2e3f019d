import type { Numbers } from '../measurement.js'
import type { Scenario } from './scenario.js'

const perSecond = { key: 'perSecond', title: 'messages/s', ratio: true }

/** One request, many messages back. */
export const serverStream: Scenario = {
  name: 'server-stream',
  title: 'A server stream of messages of 100 bytes',
  metrics: [perSecond],
  size: { full: 100_000, quick: 1000 },
  run: (client, count) => client.serverStream && timed(() => client.serverStream?.(count), count),
}

/** Many messages there, each sent back. */
export const bidi: Scenario = {
  name: 'bidi-stream',
  title: 'A bidirectional stream of messages of 100 bytes, each sent back',
  metrics: [perSecond],
  size: { full: 50_000, quick: 1000 },
  run: (client, count) => client.bidi && timed(() => client.bidi?.(count), count),
}

async function timed(stream: () => Promise<number> | undefined, count: number): Promise<Numbers> {
  const began = performance.now()
  const came = await stream()
  if (came !== count) throw new Error(`${came} of ${count} messages came`)
  return { count, perSecond: (count * 1000) / (performance.now() - began) }
}
