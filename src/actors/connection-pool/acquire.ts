import { Observable } from 'rxjs'
import type { Cancel, Link } from '../../streams/transport.js'
import type { LinkWaiter } from './waiting-line.js'

/** How a link is wanted. */
export interface AcquireOptions {
  /**
   * For a channel: the link leaves the pool when it is handed out, and whoever has it closes it. A link that carries many calls and channels at once stays, as for a
   * call.
   * @default false
   */
  readonly dedicated?: boolean
  /** What the node at the address says that it offers: a link that is dialled for this caller may use it. @default the usual wire */
  readonly offers?: string | undefined
}

/** A pool in which one can stand in line for a link. */
interface Line {
  enqueue(address: string, waiter: LinkWaiter, offers?: string): Cancel
}

/** `acquire` of a pool that can `enqueue`. */
export function acquireFrom(
  line: Line,
  address: string,
  { dedicated = false, offers }: AcquireOptions = {},
): Observable<Link> {
  return new Observable(subscriber => {
    const take = (link: Link) => {
      subscriber.next(link)
      subscriber.complete()
    }
    return line.enqueue(address, { dedicated, take, fail: error => subscriber.error(error) }, offers)
  })
}
