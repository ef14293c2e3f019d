import type { Clock } from '../streams/index.js'

/** How long a peer that refused an upgrade is not asked again, in milliseconds. */
const refusedForMs = 60_000

/** How many of those are remembered. */
const maxRefused = 1024

/** The addresses at which something refused an upgrade a short while ago. */
export class RefusedUpgrades {
  private readonly refusedAt = new Map<string, number>()

  constructor(private readonly clock: Clock) {}

  has(address: string): boolean {
    const at = this.refusedAt.get(address)
    return at !== undefined && this.clock.scheduler.now() - at < refusedForMs
  }

  add(address: string): void {
    if (this.refusedAt.size >= maxRefused) this.refusedAt.clear()
    this.refusedAt.set(address, this.clock.scheduler.now())
  }
}
