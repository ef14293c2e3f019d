import {
  EMPTY,
  catchError,
  concat,
  defer,
  finalize,
  map,
  of,
  switchMap,
  take,
  takeUntil,
  throwError,
  throwIfEmpty,
  timeout,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Link, Transport } from '../../streams/transport.js'
import type { Transition } from './dialling.js'
import type { PooledLink } from './pooled-link.js'

/** What dialling needs, and who owns the links that come of it. */
export interface DialLinkParts {
  readonly transport: Transport
  readonly address: string
  /** What the node says that it offers. */
  readonly offers: () => string | undefined
  readonly scheduler: SchedulerLike
  readonly timeoutMs: number
  /** Emits when dials under way are to be given up. */
  readonly giveUp: Observable<void>
  /** Called when a dial starts; what it returns is called with the link. */
  begin(): (link: Link) => PooledLink
  /** The link has closed, or has left the pool. */
  gone(pooled: PooledLink): void
  /** Nobody stays with the link any more; if it is not gone it has to be closed. */
  letGo(pooled: PooledLink): void
  failed(error: ServiceError): void
}

/**
 * Dials and stays with the link. Cold. Emits `failed`, or `up` at once when there is a link and `gone` when it has closed or left the pool; then completes. Never errors.
 * Unsubscribing gives up the dial, or closes the link.
 */
export function dialLink(parts: DialLinkParts): Observable<Transition> {
  const { address } = parts
  const none = () => new ServiceError('unavailable', `dial ${address}: ended without a connection`)
  return connect(parts).pipe(
    throwIfEmpty(none),
    switchMap(pooled => tend(pooled, parts)),
    catchError((reason: unknown) => {
      const error = nameAddress(ServiceError.from(reason), address)
      parts.failed(error)
      return of<Transition>({ kind: 'failed', error })
    }),
  )
}

function connect(parts: DialLinkParts): Observable<PooledLink> {
  const { transport, address, scheduler, timeoutMs, giveUp } = parts
  const slow = () => new ServiceError('timeout', `dial ${address}: no connection after ${timeoutMs} ms`)
  return defer(() => {
    const own = parts.begin()
    return transport.dial(address, parts.offers()).pipe(map(own))
  }).pipe(timeout({ first: timeoutMs, scheduler, with: () => throwError(slow) }), take(1), takeUntil(giveUp))
}

function tend(pooled: PooledLink, parts: DialLinkParts): Observable<Transition> {
  // While `up` is being emitted the link may have been handed over already.
  const ended = defer(() =>
    pooled.phase === 'gone' ? EMPTY : pooled.link.closed.pipe(takeUntil(pooled.left)),
  )
  const gone = defer(() => {
    parts.gone(pooled)
    return of<Transition>({ kind: 'gone' })
  })
  return concat(of<Transition>({ kind: 'up', pooled }), ended, gone).pipe(finalize(() => parts.letGo(pooled)))
}

function nameAddress(error: ServiceError, address: string): ServiceError {
  if (error.message.includes(address)) return error
  const { kind, id, code, status } = error
  return new ServiceError(kind, `dial ${address}: ${error.message}`, { id, code, status, cause: error })
}
