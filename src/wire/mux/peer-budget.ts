import { resetCode } from './frames.js'
import type { MuxLimits } from './limits.js'
import { violation } from './reasons.js'

/** Over which time resets are counted. */
const periodMs = 1000

/** What a peer may make this side do by frames that cost it nothing. */
export class PeerBudget {
  private answers = 0
  private resets = 0
  private since: number | undefined

  constructor(private readonly limits: Pick<MuxLimits, 'maxControlFrames' | 'maxResetsPerSecond'>) {}

  /** A frame of the peer is answered. Throws when it asks and does not read. */
  answered(): void {
    this.answers += 1
    const { maxControlFrames } = this.limits
    if (this.answers <= maxControlFrames) return
    throw violation(`${maxControlFrames} answers wait for a peer that does not read`, resetCode.limit)
  }

  /** The answers go out. */
  taken(): void {
    this.answers = 0
  }

  /** The peer resets a stream that it has opened itself. Throws when it does so all the time: each has cost this side more than the peer. */
  reset(): void {
    this.resets += 1
    const { maxResetsPerSecond } = this.limits
    if (this.resets <= maxResetsPerSecond) return
    throw violation(`more than ${maxResetsPerSecond} streams were reset within a second`, resetCode.limit)
  }

  /** To be called now and then with the time in milliseconds. */
  tick(now: number): void {
    if (this.since !== undefined && now - this.since < periodMs) return
    this.since = now
    this.resets = 0
  }
}
