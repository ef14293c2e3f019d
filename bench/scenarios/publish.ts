import type { Numbers } from '../measurement.js'
import type { PeerClient, Subscribers } from '../peers/peer.js'
import { keepInFlight } from './in-flight.js'
import type { Scenario } from './scenario.js'

/** So many events of one published stream. */
const events = 2_000

/** Events to one subscriber, and to eight. */
export const publish1 = publishTo(1)

/** @see publish1 */
export const publish8 = publishTo(8)

function publishTo(subscribers: Subscribers): Scenario {
  const to = subscribers === 1 ? '1 subscriber' : `${subscribers} subscribers`
  return {
    name: `publish-${subscribers}`,
    title:
      `Events of 100 bytes to ${to} in the other process: single ones, 64 in flight, each awaited until all have taken it; ` +
      `and streams of ${events.toLocaleString('en')}, one after another, each awaited until all have taken all of it`,
    metrics: [
      { key: 'perSecond', title: 'single/s', ratio: true },
      { key: 'streamedPerSecond', title: 'streamed/s', ratio: true },
    ],
    size: { full: 400, quick: 50 },
    run(client, ms) {
      if (client.publish === undefined && client.publishMany === undefined) return undefined
      return publishing(client, subscribers, ms)
    },
  }
}

async function publishing(client: PeerClient, subscribers: Subscribers, ms: number): Promise<Numbers> {
  const single = client.publish && (await keepInFlight(() => client.publish?.(subscribers), 64, ms))
  const streamed =
    client.publishMany && (await keepInFlight(() => client.publishMany?.(subscribers, events), 1, ms))
  return {
    ...(single && { perSecond: single.count / single.seconds }),
    ...(streamed && { streamedPerSecond: (streamed.count * events) / streamed.seconds }),
  }
}
