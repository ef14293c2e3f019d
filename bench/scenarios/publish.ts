import { keepInFlight } from './in-flight.js'
import type { Scenario } from './scenario.js'

/** Events to one subscriber, and to eight. */
export const publish1 = publishTo(1)

/** @see publish1 */
export const publish8 = publishTo(8)

function publishTo(subscribers: 1 | 8): Scenario {
  return {
    name: `publish-${subscribers}`,
    title: `Events of 100 bytes to ${subscribers} subscriber${subscribers === 1 ? '' : 's'}, 64 in flight, each awaited until all have taken it`,
    metrics: [{ key: 'perSecond', title: 'published/s', ratio: true }],
    size: { full: 1000, quick: 100 },
    run(client, ms) {
      const { publish } = client
      if (publish === undefined) return undefined
      return keepInFlight(() => publish.call(client, subscribers), 64, ms).then(({ count, seconds }) => ({
        count,
        perSecond: count / seconds,
      }))
    },
  }
}
