import { BehaviorSubject, NEVER, Observable, Subject, Subscription, type Subscriber } from 'rxjs'
import type { AcquireOptions, ConnectionPool } from '../actors/connection-pool.js'
import type { Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import { fullJitter } from '../streams/operators/backoff.js'
import type { Channel, Link } from '../streams/transport.js'

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
  private readonly waiting = new Set<Subscriber<Link>>()
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

  acquire(url: string, _?: AcquireOptions): Observable<Link> {
    return new Observable(subscriber => {
      const link = this.ready()
      if (link !== undefined) {
        subscriber.next(link)
        return subscriber.complete()
      }
      if (this.ending !== undefined) return subscriber.error(this.ending)
      if (this.waiting.size >= maxWaiting) {
        const text = `no connection to ${url}: ${maxWaiting} callers wait already; try later`
        return subscriber.error(new ServiceError('resource_exhausted', text))
      }
      this.waiting.add(subscriber)
      this.dial(url)
      return () => this.waiting.delete(subscriber)
    })
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
    for (const subscriber of [...this.waiting]) subscriber.error(error)
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
    for (const subscriber of [...this.waiting]) subscriber.error(error)
  }

  /** Who has waited longest comes first. */
  private serve(): void {
    for (const subscriber of [...this.waiting]) {
      const link = this.ready()
      if (link === undefined) return
      subscriber.next(link)
      subscriber.complete()
    }
  }

  private tell(): void {
    if (this.ending !== undefined) return
    const state = this.links.size > 0 ? 'open' : this.dialling ? 'connecting' : 'idle'
    if (state !== this.present.value) this.present.next(state)
  }
}
