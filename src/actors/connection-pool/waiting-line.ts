import type { Link } from '../../streams/transport.js'
import type { ServiceError } from '../../streams/errors.js'
import { LinkedQueue, type Place } from '../../streams/linked-queue.js'

/** Who waits for a link. */
export interface LinkWaiter {
  /** A link for itself alone is wanted. */
  readonly dedicated: boolean
  /** There is one, to be used at once. */
  take(link: Link): void
  /** There will be none. */
  fail(error: ServiceError): void
}

/** How many wait in all lines together. */
export interface Crowd {
  size: number
}

interface Ticket {
  readonly number: number
  readonly waiter: LinkWaiter
}

/** Those who wait at one address, in the order in which they came. */
export class WaitingLine {
  private readonly shared = new LinkedQueue<Ticket>()
  private readonly dedicated = new LinkedQueue<Ticket>()
  private tickets = 0

  constructor(private readonly crowd: Crowd) {}

  get size(): number {
    return this.shared.size + this.dedicated.size
  }

  /** How many links would serve all of them at once; those who want one for themselves share it, too, where links are `sharing`. */
  linksNeeded(callsPerLink: number, sharing: boolean): number {
    const { shared, dedicated, size } = this
    if (sharing) return Math.ceil(size / callsPerLink)
    return dedicated.size + (shared.size === 0 ? 0 : Math.max(1, Math.ceil(shared.size / callsPerLink)))
  }

  /** Adds one at the end; the returned function gives the place up. */
  add(waiter: LinkWaiter): () => void {
    const line = waiter.dedicated ? this.dedicated : this.shared
    const place: Place<Ticket> = line.push({ number: this.tickets++, waiter })
    this.crowd.size += 1
    return () => {
      if (line.remove(place)) this.crowd.size -= 1
    }
  }

  /** Takes out who has waited longest; of those who want a link for themselves only if it is `idle`. */
  shift(idle: boolean): LinkWaiter | undefined {
    const shared = this.shared.first
    const dedicated = idle ? this.dedicated.first : undefined
    const first =
      dedicated === undefined || (shared && shared.number < dedicated.number) ? this.shared : this.dedicated
    const waiter = first.shift()?.waiter
    if (waiter !== undefined) this.crowd.size -= 1
    return waiter
  }

  /** Takes out all, in order. */
  clear(): readonly LinkWaiter[] {
    this.crowd.size -= this.size
    const tickets = [...this.shared.clear(), ...this.dedicated.clear()]
    return tickets.sort((a, b) => a.number - b.number).map(({ waiter }) => waiter)
  }
}
