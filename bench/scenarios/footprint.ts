import { keepInFlight } from './in-flight.js'
import type { Scenario } from './scenario.js'

/** How long a pair of processes takes to start. The numbers come from run/pair.ts. */
export const start: Scenario = {
  name: 'start',
  title:
    'From the start of the server’s process until it listens, and from the start of a client’s process to its first answer, discovery included',
  fresh: true,
  metrics: [
    { key: 'readyMs', title: 'listening ms', ratio: true },
    { key: 'firstMs', title: 'first answer ms', ratio: true },
  ],
  size: { full: 1, quick: 1 },
  async run(client) {
    await client.call('John')
    return { count: 1 }
  },
}

/** What the server's process holds. */
export const memory: Scenario = {
  name: 'memory',
  title: 'Resident memory of the server, idle and after 100,000 calls, 64 in flight',
  fresh: true,
  rounds: 1,
  metrics: [
    { key: 'idleMegabytes', title: 'idle MB', ratio: true },
    { key: 'usedMegabytes', title: 'MB after', ratio: true },
  ],
  size: { full: 100_000, quick: 1000 },
  async run(client, count) {
    let left = count
    const worker = async () => {
      for (; left > 0; left -= 1) await client.call('John')
    }
    await Promise.all(Array.from({ length: 64 }, worker))
    return { count }
  },
}

/** What open streams cost that do nothing. */
export const idleStreams: Scenario = {
  name: 'idle-streams',
  title:
    '10,000 bidirectional streams on which one message was exchanged, all open; then calls, 64 in flight, while they are',
  fresh: true,
  rounds: 3,
  metrics: [
    { key: 'ms', title: 'ms to open', ratio: true },
    { key: 'clientGrown', title: 'client + MB' },
    { key: 'serverGrown', title: 'server + MB' },
    { key: 'perSecond', title: 'calls/s', ratio: true },
  ],
  size: { full: 10_000, quick: 500 },
  run(client, count) {
    const { openStreams } = client
    if (openStreams === undefined) return undefined
    return (async () => {
      const began = performance.now()
      await openStreams.call(client, count)
      const ms = performance.now() - began
      const calls = await keepInFlight(() => client.call('John'), 64, 300)
      return { count, ms, perSecond: calls.count / calls.seconds }
    })()
  },
}
