import { Observable } from 'rxjs'
import type { Link } from '../../streams/transport.js'
import type { AcquireOptions, ConnectionPool } from '../connection-pool.js'

/** `acquire` of a pool that can `enqueue`. */
export function acquireFrom(
  pool: Pick<ConnectionPool, 'enqueue'>,
  address: string,
  { dedicated = false, offers }: AcquireOptions = {},
): Observable<Link> {
  return new Observable(subscriber => {
    const take = (link: Link) => {
      subscriber.next(link)
      subscriber.complete()
    }
    return pool.enqueue(address, { dedicated, take, fail: error => subscriber.error(error) }, offers)
  })
}
