import type { NodeLoad } from '../../streams/selector.js'
import type { ServiceNode } from '../../streams/registry.js'

/** A measured latency is never 0, which stands for "not measured": fast answers take less than a tick of the clock. */
const leastLatencyMs = 0.001

/** The record that the selector keeps of a node, and strategies read as its {@link NodeLoad}. */
export class TrackedNode implements NodeLoad {
  inFlight = 0
  latencyMs = 0
  measuredAt = 0
  failures = 0
  /** Whether the latest snapshot has it; one that has left lives until nothing is in flight. */
  present = true
  /** It was ejected, and its next use is a trial. */
  onProbation = false
  private failedAt = 0

  constructor(public node: ServiceNode) {}

  /** Counts an answered use: a slow one shows at once, a fast one by the weight of the time since the last. */
  succeeded(latencyMs: number, now: number, decayMs: number): void {
    this.failures = 0
    const sample = Math.max(latencyMs, leastLatencyMs)
    if (sample >= this.latencyMs) {
      this.latencyMs = sample
    } else {
      const kept = Math.exp((this.measuredAt - now) / decayMs)
      this.latencyMs = this.latencyMs * kept + sample * (1 - kept)
    }
    this.measuredAt = now
  }

  /** Counts a failure, and returns how many there were in a row. */
  failed(now: number, inARowMs: number): number {
    this.failures = now - this.failedAt >= inARowMs ? 1 : this.failures + 1
    this.failedAt = now
    return this.failures
  }
}
