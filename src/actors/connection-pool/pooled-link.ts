import { Subject } from 'rxjs'
import { sharedStatsOf, type SharedStats } from '../../streams/shared-stats.js'
import type { Link } from '../../streams/transport.js'

/** A link and what the pool knows of it. */
export class PooledLink {
  private readonly departure = new Subject<void>()
  /** Hot. Emits when the link leaves the pool without having closed. */
  readonly left = this.departure.asObservable()
  /** May be lent; closes when what is under way is done; has closed or left the pool. */
  phase: 'lendable' | 'retiring' | 'gone' = 'lendable'
  /** In the list of those that have room. */
  listed = false
  /** Waiting callers are being served from it at this moment. */
  serving = false
  private mostRoom: number

  constructor(
    readonly link: Link,
    /** How often its address had been retired when it was dialled. */
    readonly era: number,
    /** Since when nothing is under way on it, by the clock of the pool. */
    public idleSince: number,
  ) {
    this.mostRoom = link.room
  }

  /** It has been handed out for good. */
  leave(): void {
    this.departure.next()
  }

  /** Nothing is under way on it. */
  get idle(): boolean {
    const { room } = this.link
    if (room > this.mostRoom) this.mostRoom = room
    return room > 0 && room === this.mostRoom
  }
}

/** What several links say of themselves. */
export function numbersOf(links: ReadonlySet<PooledLink>): { idle: number; shared: readonly SharedStats[] } {
  const all = [...links]
  const shared = sharedStatsOf(all.map(({ link }) => link))
  return { idle: all.filter(({ idle }) => idle).length, shared }
}
