import { BehaviorSubject, Subscription, type Observable } from 'rxjs'
import { systemClock, type Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import { count, given, milliseconds, resolveOptions, type OptionRules } from '../streams/options.js'
import type { Cancel, Channel, Link, Transport } from '../streams/transport.js'
import type { ActorEvent } from './actor-event.js'
import { acquireFrom, type AcquireOptions } from './connection-pool/acquire.js'
import { AddressPool } from './connection-pool/address-pool.js'
import type { ConnectionPoolStats } from './connection-pool/pool-stats.js'
import type { LinkWaiter } from './connection-pool/waiting-line.js'
import { createDeferred } from './deferred.js'

export type { AcquireOptions } from './connection-pool/acquire.js'
export type { ConnectionPoolStats } from './connection-pool/pool-stats.js'
export type { LinkWaiter } from './connection-pool/waiting-line.js'

/** What a pool reports: its actors, dials that failed, and peers that do not answer or are heard of again. */
export type ConnectionPoolEvent =
  | ActorEvent
  | { readonly kind: 'dial_failed'; readonly address: string; readonly error: ServiceError }
  | { readonly kind: 'suspect' | 'answers again'; readonly address: string }

/** Ready connections for each address. Lending is synchronous; to wait for one is an Observable. */
export interface ConnectionPool {
  /** A link to `address` that has room now, of several the one used last; `undefined` when there is none. The hot path: to be used at once, and `settled` afterwards. */
  ready(address: string): Link | undefined

  /**
   * Waits for a link with room; if none is on its way, dials. Cold. Emits one link, to be used synchronously in `next`, and completes. Who came first is served first.
   * Errors: what the dial said, with the address, when no other link to it is there or on its way; `resource_exhausted` when too many wait; `unavailable` when the pool has closed.
   * Unsubscribing gives up the place; a dial that was started for it goes on.
   */
  acquire(address: string, options?: AcquireOptions): Observable<Link>

  /**
   * What `acquire` does, for a call: without an Observable for each of the thousands that may wait. One of the waiter's functions is called, once, perhaps at once; it must not throw. Returns what
   * gives up the place.
   */
  enqueue(address: string, waiter: LinkWaiter, offers?: string): Cancel

  /**
   * A use of this link has ended, it may have more room: who has waited longest gets it, or it idles. A link that is not in the pool is ignored. `now` spares a look at the clock.
   */
  settled(link: Link, now?: number): void

  /** A channel was opened on a link that stays in the pool: when it has closed its place is free, and closing the pool aborts it. */
  opened(link: Link, channel: Channel): void

  /** Takes the connections to `address` out of use: idle ones close now, busy ones when what is under way is done. A later `acquire` dials anew. */
  retire(address: string): void

  /**
   * The addresses whose peers do not answer at the moment: a link to them is suspect, or was given up as dead, or a dial was met with silence. They are dialled in the background. Hot: the present set
   * at once, then another one after each change. Completes when the pool has closed, never errors. Unsubscribing changes nothing. Emissions are synchronous and nothing queues.
   */
  readonly suspects: Observable<ReadonlySet<string>>

  /** What there is at this moment, one entry for each address in use. */
  stats(): readonly ConnectionPoolStats[]

  /** Turns away those who wait, and completes when every link is done and closed. May be called at any time and more than once: all calls share one promise. */
  close(): Promise<void>

  /** Closes every link now; who waits, and what is under way, fails with `error`. */
  abort(error: ServiceError): void
}

/** Options of {@link createConnectionPool}. */
export interface ConnectionPoolOptions {
  /** @default the machine's clock */
  readonly clock?: Clock
  /** Connections to one address, those being dialled and those still closing included. @default 64 */
  readonly maxConnectionsPerAddress?: number
  /** Callers who may wait, at all addresses together. @default 65536 */
  readonly maxWaiting?: number
  /** How long a link stays open with nothing under way, in milliseconds. @default 45000 */
  readonly idleMs?: number
  /** How long one dial may take, in milliseconds. @default 5000 */
  readonly dialTimeoutMs?: number
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: ConnectionPoolEvent) => void
}

const rules: OptionRules<Required<ConnectionPoolOptions>> = {
  clock: given<Clock>(systemClock),
  maxConnectionsPerAddress: count(64),
  maxWaiting: count(65_536),
  idleMs: milliseconds(45_000),
  dialTimeoutMs: milliseconds(5_000, 1),
  report: given<(event: ConnectionPoolEvent) => void>(() => undefined),
}

/** A pool of the connections that `transport` makes. Throws `bad_request` for a wrong option. */
export function createConnectionPool(transport: Transport, options?: ConnectionPoolOptions): ConnectionPool {
  const resolved = resolveOptions('connection pool', options as Required<ConnectionPoolOptions>, rules)
  return new LinkPool(transport, resolved)
}

class LinkPool implements ConnectionPool {
  private readonly pools = new Map<string, AddressPool>()
  private readonly owners = new Map<Link, (now: number | undefined) => void>()
  private readonly channels = new Set<Channel>()
  private readonly crowd = { size: 0 }
  private readonly closed = createDeferred()
  private readonly suspected = new BehaviorSubject<ReadonlySet<string>>(new Set())
  readonly suspects = this.suspected.asObservable()
  private sweep = Subscription.EMPTY
  private ending: ServiceError | undefined

  constructor(
    private readonly transport: Transport,
    private readonly options: Required<ConnectionPoolOptions>,
  ) {}

  ready(address: string): Link | undefined {
    return this.pools.get(address)?.take()
  }

  acquire(address: string, options?: AcquireOptions): Observable<Link> {
    return acquireFrom(this, address, options)
  }

  enqueue(address: string, waiter: LinkWaiter, offers?: string): Cancel {
    const known = this.pools.get(address)
    const link = waiter.dedicated ? known?.takeAway() : known?.take()
    const refusal = link === undefined ? this.refusal(address) : undefined
    if (link !== undefined) waiter.take(link)
    else if (refusal !== undefined) waiter.fail(refusal)
    else return (known ?? this.addPool(address)).wait(waiter, offers)
    return () => undefined
  }

  settled(link: Link, now?: number): void {
    this.owners.get(link)?.(now)
  }

  opened(link: Link, channel: Channel): void {
    const closed = () => {
      this.channels.delete(channel)
      this.settled(link)
    }
    this.channels.add(channel)
    channel.closed.subscribe({ error: closed, complete: closed })
  }

  retire(address: string): void {
    this.pools.get(address)?.retire()
  }

  stats(): readonly ConnectionPoolStats[] {
    return [...this.pools.values()].map(({ address, stats }) => ({ address, ...stats }))
  }

  close(): Promise<void> {
    const error = new ServiceError('unavailable', 'the connection pool was closed')
    if (this.ending === undefined) this.end(error, pool => pool.close(error))
    return this.closed.promise
  }

  abort(error: ServiceError): void {
    this.end(error, pool => pool.abort(error))
  }

  private end(error: ServiceError, end: (pool: AddressPool) => void): void {
    this.ending ??= error
    for (const pool of [...this.pools.values()]) end(pool)
    for (const channel of [...this.channels]) channel.abort(error)
    if (this.pools.size === 0) this.finish()
  }

  private finish(): void {
    this.suspected.complete()
    this.closed.resolve()
  }

  private suspect(address: string, suspect: boolean): void {
    const suspects = new Set(this.suspected.value)
    if (suspect) suspects.add(address)
    else suspects.delete(address)
    this.options.report({ kind: suspect ? 'suspect' : 'answers again', address })
    this.suspected.next(suspects)
  }

  /** Why nobody more may wait, if so. */
  private refusal(address: string): ServiceError | undefined {
    const { maxWaiting } = this.options
    if (this.ending !== undefined) {
      return new ServiceError('unavailable', `no connection to ${address}: ${this.ending.message}`, {
        cause: this.ending,
      })
    }
    if (this.crowd.size < maxWaiting) return undefined
    return new ServiceError(
      'resource_exhausted',
      `no connection to ${address}: ${maxWaiting} callers wait already; try later`,
    )
  }

  private addPool(address: string): AddressPool {
    const { transport, crowd, owners } = this
    const { clock, maxConnectionsPerAddress, dialTimeoutMs, report } = this.options
    const pool = new AddressPool(address, {
      transport,
      clock,
      maxConnections: maxConnectionsPerAddress,
      dialTimeoutMs,
      crowd,
      owners,
      report,
      linkUp: () => this.watchIdle(),
      linkDown: () => {
        if (owners.size === 0) this.sweep.unsubscribe()
      },
      suspected: suspect => this.suspect(address, suspect),
      emptied: () => {
        this.pools.delete(address)
        if (this.ending !== undefined && this.pools.size === 0) this.finish()
      },
    })
    this.pools.set(address, pool)
    return pool
  }

  /** One timer for all links: at the time when the first of them may have been idle for too long. */
  private watchIdle(delayMs = this.options.idleMs): void {
    if (!this.sweep.closed) return
    this.sweep = this.options.clock.scheduler.schedule(() => {
      this.sweep = Subscription.EMPTY
      const now = this.options.clock.scheduler.now()
      const { idleMs } = this.options
      const since = [...this.pools.values()].map(pool => pool.expire(now, idleMs))
      if (this.owners.size > 0) this.watchIdle(Math.min(...since) + idleMs - now)
    }, delayMs)
  }
}
