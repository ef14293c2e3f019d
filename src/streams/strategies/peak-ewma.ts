import { milliseconds, resolveOptions } from '../options.js'
import type { NodeLoad, Strategy } from '../selector.js'
import { betterOfTwo } from './power-of-two.js'

/** Options of {@link peakEwma}. */
export interface PeakEwmaOptions {
  /** Time in which what is known of a silent node's latency fades to 37 %, in milliseconds, so that it is tried again. @default 10000 */
  readonly decayMs?: number
}

/** Above any latency that was measured: a node whose first answer is still owed gets no second call while others are known. */
const unknownMs = 1e9

/**
 * The better of two nodes drawn at random, by latency × (uses in flight + 1). The latency is the moving average that the
 * selector keeps, which rises with a slow answer at once and falls slowly. Good where nodes are unequally fast and calls
 * are alike; where calls differ more than nodes do, {@link powerOfTwo} sees less noise.
 */
export function peakEwma(options?: PeakEwmaOptions): Strategy {
  const { decayMs } = resolveOptions<Required<PeakEwmaOptions>>('peakEwma', options, {
    decayMs: milliseconds(10_000, 1),
  })
  return ({ scheduler, random }) => {
    let now = 0
    const cost = ({ latencyMs, measuredAt, inFlight }: NodeLoad) => {
      if (latencyMs === 0) return inFlight === 0 ? 0 : unknownMs * inFlight
      return latencyMs * Math.exp((measuredAt - now) / decayMs) * (inFlight + 1)
    }
    return nodes => {
      now = scheduler.now()
      return betterOfTwo(nodes, random, cost)
    }
  }
}
