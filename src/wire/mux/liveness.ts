import type { MuxLimits } from './limits.js'

/** What is to be done about a silent peer. */
export type Verdict = 'nothing' | 'ask' | 'suspect' | 'dead'

type LivenessLimits = Pick<MuxLimits, 'pingAfterMs' | 'idlePingAfterMs' | 'suspectAfterMs' | 'deadAfterMs'>

/** Decides when a silent peer is asked whether it is there, when it is suspect, and when it is given up. */
export class Liveness {
  private fresh = true
  private lookedAt: number | undefined
  private silentMs = 0
  /** How long the answer to a ping has been missing. */
  private unansweredMs: number | undefined
  private suspect = false
  private readonly longestLook: number

  constructor(private readonly limits: LivenessLimits) {
    this.longestLook = Math.min(limits.suspectAfterMs, limits.deadAfterMs) / 2
  }

  /** Something came from the peer, or it took something. True when it was suspect until now. */
  heard(): boolean {
    this.fresh = true
    if (!this.suspect) return false
    this.suspect = false
    return true
  }

  /** What is to be done now. */
  tick(now: number, busy: boolean): Verdict {
    const passed = this.passed(now)
    if (this.fresh) return this.restart()
    const { pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs } = this.limits
    if (this.unansweredMs === undefined) {
      this.silentMs += passed
      if (this.silentMs < (busy ? pingAfterMs : idlePingAfterMs)) return 'nothing'
      this.unansweredMs = 0
      return 'ask'
    }
    this.unansweredMs += passed
    if (this.unansweredMs >= deadAfterMs) return 'dead'
    if (this.suspect || this.unansweredMs < suspectAfterMs) return 'nothing'
    this.suspect = true
    return 'suspect'
  }

  /**
   * Whoever looks late was busy itself, and has to read first what came in the meantime: that time counts as one short look, so at least two of them, with
   * reading in between, come before a verdict.
   */
  private passed(now: number): number {
    const passed = now - (this.lookedAt ?? now)
    this.lookedAt = now
    return Math.min(Math.max(passed, 0), this.longestLook)
  }

  private restart(): 'nothing' {
    this.fresh = false
    this.silentMs = 0
    this.unansweredMs = undefined
    return 'nothing'
  }
}
