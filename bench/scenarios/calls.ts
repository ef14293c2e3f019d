import type { PeerClient } from '../peers/peer.js'
import { keepInFlight } from './in-flight.js'
import type { Scenario } from './scenario.js'

/** Small calls, 64 at a time. */
export const calls64: Scenario = {
  name: 'calls-64',
  title: '64 calls in flight, `{"name":"John"}` there and `{"greeting":"Hello John"}` back',
  metrics: [
    { key: 'perSecond', title: 'calls/s', ratio: true },
    { key: 'clientMicros', title: 'client CPU µs/call', digits: 1, ratio: true },
    { key: 'serverMicros', title: 'server CPU µs/call', digits: 1, ratio: true },
  ],
  size: { full: 600, quick: 50 },
  async run(client, ms) {
    await check(client)
    const { count, seconds } = await keepInFlight(() => client.call('John'), 64, ms)
    return { count, perSecond: count / seconds }
  },
}

/** Small calls, one after another. */
export const calls1: Scenario = {
  name: 'calls-1',
  title: 'One call at a time',
  metrics: [
    { key: 'p50', title: 'p50 µs', ratio: true },
    { key: 'p99', title: 'p99 µs', ratio: true },
  ],
  size: { full: 600, quick: 50 },
  async run(client, ms) {
    const micros: number[] = []
    const began = performance.now()
    for (let now = began; now - began < ms;) {
      await client.call('John')
      const after = performance.now()
      micros.push((after - now) * 1000)
      now = after
    }
    micros.sort((a, b) => a - b)
    const at = (share: number) => micros[Math.floor(micros.length * share)] ?? 0
    return { count: micros.length, p50: at(0.5), p99: at(0.99) }
  },
}

/** Large messages. */
export const echo: Scenario = {
  name: 'echo-64k',
  title: 'A text of 64 KiB there and back, 8 calls in flight',
  metrics: [{ key: 'megabytes', title: 'MB/s each way', ratio: true }],
  size: { full: 500, quick: 50 },
  async run(client, ms) {
    const payload = 'x'.repeat(64 * 1024)
    const { count, seconds } = await keepInFlight(() => client.echo(payload), 8, ms)
    return { count, megabytes: (count * payload.length) / 1e6 / seconds }
  },
}

/** The most that can be asked for before anything is connected. */
export const burst: Scenario = {
  name: 'burst',
  title: '10,000 calls started in one turn by a new client, before any connection exists',
  fresh: true,
  rounds: 3,
  metrics: [
    { key: 'ms', title: 'ms until all are answered', ratio: true },
    { key: 'failed', title: 'failed' },
    { key: 'connections', title: 'connections' },
  ],
  size: { full: 10_000, quick: 1000 },
  async run(client, count) {
    const began = performance.now()
    const outcomes = await Promise.allSettled(Array.from({ length: count }, () => client.call('John')))
    const ms = performance.now() - began
    const failed = outcomes.filter(({ status }) => status === 'rejected').length
    const connections = await client.connections?.()
    return { count, ms, failed, ...(connections !== undefined && { connections }) }
  },
}

/** What is fast must also be right. */
async function check(client: PeerClient): Promise<void> {
  const { greeting } = await client.call('John')
  if (greeting !== 'Hello John') throw new Error(`the peer answered ${JSON.stringify(greeting)}`)
}
