import type { MuxLimits } from './limits.js'

/** Whoever looks less often than this was busy itself, and has to read first what came in the meantime. */
const busyMs = 2000

/** Decides when a silent peer is asked whether it is there, and when it is given up. */
export class Liveness {
  private fresh = true
  private heardAt = 0
  private askedAt: number | undefined
  private lookedAt: number | undefined

  constructor(private readonly limits: Pick<MuxLimits, 'busyPingMs' | 'idlePingMs' | 'pingDeadlineMs'>) {}

  /** Something came from the peer. */
  heard(): void {
    this.fresh = true
  }

  /** What is to be done now. */
  tick(now: number, busy: boolean): 'nothing' | 'ask' | 'dead' {
    const late = this.lookedAt !== undefined && now - this.lookedAt > busyMs
    this.lookedAt = now
    if (this.fresh) return this.restart(now)
    if (this.askedAt !== undefined) {
      if (late) this.askedAt = Math.max(this.askedAt, now - this.limits.pingDeadlineMs / 2)
      return now - this.askedAt >= this.limits.pingDeadlineMs ? 'dead' : 'nothing'
    }
    const { busyPingMs, idlePingMs } = this.limits
    if (now - this.heardAt < (busy ? busyPingMs : idlePingMs)) return 'nothing'
    this.askedAt = now
    return 'ask'
  }

  private restart(now: number): 'nothing' {
    this.fresh = false
    this.heardAt = now
    this.askedAt = undefined
    return 'nothing'
  }
}
