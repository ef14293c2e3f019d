import { BehaviorSubject, NEVER, Subject, Subscription, type Observable } from 'rxjs'
import type { AcquireOptions, ConnectionPool, LinkWaiter } from '../actors/connection-pool.js'
import { acquireFrom } from '../actors/connection-pool/acquire.js'
import type { Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import { fullJitter } from '../streams/operators/backoff.js'
import type { Cancel, Channel, Link } from '../streams/transport.js'

/** How the connection is. `idle`: there is none, and nothing needs one. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'closed'

/** How a {@link PageConnection} is made. */
export interface PageConnectionParts {
  readonly clock: Clock
  readonly maxBackoffMs: number
  readonly dial: (url: string, waitMs: number) => Observable<Link>
  /** Hears why a dial failed. */
  readonly failed: (error: ServiceError) => void
}

/** Callers who may wait for the connection. */
const maxWaiting = 65_536

/**
 * The pool of a page: one connection, which carries everything. It is dialled when it is needed, and again with back-off when it was
 * lost; one that its service has retired goes on until what is under way on it is done.
 */
export class PageConnection implements ConnectionPool {
  private readonly present = new BehaviorSubject<ConnectionState>('idle')
  readonly state = this.present.asObservable()
  readonly suspects = NEVER
  private readonly links = new Set<Link>()
  private readonly waiting = new Set<LinkWaiter>()
  private readonly channels = new Set<Channel>()
  private readonly work = new Subscription()
  private newest: Link | undefined
  private dialling = false
  private failures = 0
  private ending: ServiceError | undefined
  private readonly over = new Subject<never>()
  /** Emits nothing. Replays: errors when the connection has been closed for good. */
  readonly ended = this.over.asObservable()

  constructor(private readonly parts: PageConnectionParts) {}

  ready(): Link | undefined {
    return this.newest !== undefined && this.newest.room > 0 ? this.newest : undefined
  }

  acquire(url: string, options?: AcquireOptions): Observable<Link> {
    return acquireFrom(this, url, options)
  }

  enqueue(url: string, waiter: LinkWaiter): Cancel {
    const link = this.ready()
    if (link !== undefined) waiter.take(link)
    else if (this.ending !== undefined) waiter.fail(this.ending)
    else if (this.waiting.size >= maxWaiting) waiter.fail(crowded(url))
    else {
      this.waiting.add(waiter)
      this.dial(url)
    }
    return () => this.waiting.delete(waiter)
  }

  /** The newest has room again. */
  settled(): void {
    this.serve()
  }

  opened(_: Link, channel: Channel): void {
    const closed = () => {
      this.channels.delete(channel)
      this.serve()
    }
    this.channels.add(channel)
    channel.closed.subscribe({ error: closed, complete: closed })
  }

  retire(): void {
    this.newest?.retire()
  }

  stats(): readonly [] {
    return []
  }

  close(): Promise<void> {
    this.abort(new ServiceError('unavailable', 'the connection was closed'))
    return Promise.resolve()
  }

  abort(error: ServiceError): void {
    if (this.ending !== undefined) return
    this.ending = error
    this.over.error(error)
    this.work.unsubscribe()
    this.turnAway(error)
    for (const channel of [...this.channels]) channel.abort(error)
    for (const link of [...this.links]) link.abort(error)
    this.present.next('closed')
    this.present.complete()
  }

  private dial(url: string): void {
    if (this.dialling) return
    const { clock, maxBackoffMs, dial } = this.parts
    const limits = { baseMs: 100, maxMs: maxBackoffMs }
    const waitMs = this.failures === 0 ? 0 : fullJitter(this.failures, limits, clock.random)
    this.dialling = true
    this.present.next('connecting')
    this.work.add(
      dial(url, waitMs).subscribe({
        next: link => this.keep(link),
        error: (failure: unknown) => this.failed(ServiceError.from(failure)),
      }),
    )
  }

  private keep(link: Link): void {
    this.dialling = false
    this.failures = 0
    this.newest = link
    this.links.add(link)
    const gone = () => {
      this.links.delete(link)
      if (this.newest === link) this.newest = undefined
      this.tell()
    }
    link.closed.subscribe({ error: gone, complete: gone })
    this.tell()
    this.serve()
  }

  private failed(error: ServiceError): void {
    this.dialling = false
    this.failures += 1
    this.tell()
    this.parts.failed(error)
    this.turnAway(error)
  }

  /** Who has waited longest comes first. */
  private serve(): void {
    for (const waiter of this.waiting) {
      const link = this.ready()
      if (link === undefined) return
      this.waiting.delete(waiter)
      waiter.take(link)
    }
  }

  private turnAway(error: ServiceError): void {
    const turnedAway = [...this.waiting]
    this.waiting.clear()
    for (const waiter of turnedAway) waiter.fail(error)
  }

  private tell(): void {
    if (this.ending !== undefined) return
    const state = this.links.size > 0 ? 'open' : this.dialling ? 'connecting' : 'idle'
    if (state !== this.present.value) this.present.next(state)
  }
}

function crowded(url: string): ServiceError {
  const text = `no connection to ${url}: ${maxWaiting} callers wait already; try later`
  return new ServiceError('resource_exhausted', text)
}
