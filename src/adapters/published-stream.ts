import { Subject, Subscription, tap, type Subscriber } from 'rxjs'
import { paced, ServiceError, type Clock, type Source, type StreamReport } from '../streams/index.js'
import { Track, type Outlet, type OutletEvents } from './stream-track.js'

/** How a {@link PublishedStream} is made. */
export interface PublishedStreamOptions<T> {
  readonly source: Source<T>
  /** The size of a message in bytes, for those that are pushed and wait. */
  readonly sizeOf: (value: T) => number
  /** Throws for a message that cannot be published: it ends the stream. */
  readonly check?: (value: T) => void
  /** How long a subscriber may have no room for a message, or answer nothing behind the end. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** An outlet that was added, and what takes it out again. */
export interface Joined<O> {
  readonly outlet: O
  readonly leave: (error: ServiceError) => void
}

/** How many messages are read at once: for a subscriber that leaves meanwhile, so many may wait. */
const mostAtOnce = 64

/**
 * The publisher's side of a published stream, as {@link Broker.publishAll} says: reads a source as fast as the slowest outlet has room, gives
 * every outlet each message, and reports on each. Whoever makes it says which outlets there are.
 */
export class PublishedStream<T> {
  private readonly demand = new Subject<number>()
  private readonly reading = new Subscription()
  /** Replaced and never changed: an outlet may leave while a message goes round. */
  private tracks: readonly Track<T>[] = []
  /** Those that get nothing more, and may still answer. */
  private readonly leaving = new Set<Track<T>>()
  /** How many messages were asked for and have not come. */
  private permitted = 0
  private ended: { readonly error?: unknown } | undefined
  private started = false
  private over = false
  private timer: Subscription | undefined
  private toNobody: Subscription | undefined

  constructor(
    private readonly options: PublishedStreamOptions<T>,
    private readonly subscriber: Subscriber<StreamReport>,
  ) {}

  /**
   * Adds an outlet: it gets what is published from now on. `leave` takes it out again: what was sent may still be answered; the error is why, if something
   * is missing.
   */
  join<O extends Outlet<T>>(name: string, open: (events: OutletEvents) => O): Joined<O> {
    const outlet = open({ changed: () => this.changed(track), left: error => this.finish(track, error) })
    const track = new Track<T>(name, outlet)
    if (this.ended === undefined && !this.over) {
      this.tracks = [...this.tracks, track]
      this.read()
    } else outlet.abandon()
    return { outlet, leave: error => this.retire(track, error) }
  }

  /** Begins to read. Called once, when the outlets that are there have joined. */
  start(): void {
    const { source, sizeOf, check } = this.options
    this.started = true
    const messages = paced(source, this.demand, { sizeOf })
    this.reading.add(
      (check === undefined ? messages : messages.pipe(tap(check))).subscribe({
        next: value => this.deliver(value),
        error: (error: unknown) => this.finishSource({ error }),
        complete: () => this.finishSource({}),
      }),
    )
    this.read()
  }

  /** The broker ends: every outlet is reported on as it stands. */
  fail(error: ServiceError): void {
    this.ended = { error }
    for (const track of this.all) this.finish(track, error)
    this.completeWhenDone()
  }

  /** Closes the source; nothing is reported any more. */
  stop(): void {
    this.over = true
    this.reading.unsubscribe()
    this.timer?.unsubscribe()
    this.toNobody?.unsubscribe()
    for (const { outlet } of this.all) outlet.abandon()
    this.tracks = []
    this.leaving.clear()
  }

  private deliver(value: T): void {
    this.permitted -= 1
    for (const track of this.tracks) track.offer(value)
    if (this.permitted === 0) this.read()
  }

  private changed(track: Track<T>): void {
    track.flush()
    const ends = this.ended !== undefined || this.leaving.has(track)
    if (!ends) return this.read()
    track.stuckSince = this.now
    track.end()
  }

  private retire(track: Track<T>, error: ServiceError): void {
    if (!this.tracks.includes(track)) return
    this.tracks = this.tracks.filter(other => other !== track)
    this.leaving.add(track)
    track.stuckSince = this.now
    track.leave(error)
    this.watch()
    this.read()
  }

  /** Asks for as many messages as every outlet has room for that is not behind. */
  private read(): void {
    if (!this.started || this.over || this.ended !== undefined || this.permitted > 0) return
    if (this.tracks.length === 0) return this.readToNobody()
    const room = this.room()
    if (room > 0) this.permit(room)
    else this.watch()
  }

  private room(): number {
    let least = Infinity
    for (const track of this.tracks) {
      const { room } = track
      if (room > 0) {
        track.behind = false
        track.stuckSince = undefined
      } else if (!track.behind) this.notice(track)
      if (!track.behind && room < least) least = room
    }
    if (least !== Infinity) return least
    for (const track of this.tracks) track.stuckSince ??= this.now
    return 0
  }

  /** It holds up the others from now on, for a while. */
  private notice(track: Track<T>): void {
    const { unreachable } = track.outlet
    if (unreachable === undefined) track.stuckSince ??= this.now
    else track.fallBehind(unreachable)
  }

  private permit(messages: number): void {
    const permitted = Math.min(messages, mostAtOnce)
    this.permitted += permitted
    this.demand.next(permitted)
  }

  /** Nobody listens: messages go to nobody, but a source that never waits must not stop everything else. */
  private readToNobody(): void {
    this.toNobody ??= this.options.clock.scheduler.schedule(() => {
      this.toNobody = undefined
      if (this.tracks.length === 0 && this.permitted === 0) this.permit(mostAtOnce)
    }, 1)
  }

  private finishSource(end: { readonly error?: unknown }): void {
    if (this.ended !== undefined) return
    this.ended = end
    for (const track of this.tracks) {
      track.stuckSince = this.now
      track.end()
    }
    this.watch()
    this.completeWhenDone()
  }

  /** One timer for all outlets, and none for each message: it looks who is stuck for too long. */
  private watch(): void {
    if (this.over || this.timer !== undefined) return
    const { clock, timeoutMs } = this.options
    const oldest = Math.min(...this.all.map(({ stuckSince }) => stuckSince ?? Infinity))
    if (oldest === Infinity) return
    this.timer = clock.scheduler.schedule(
      () => {
        this.timer = undefined
        this.expire()
        this.watch()
      },
      Math.min(Math.max(0, oldest + timeoutMs - this.now), longestTimerMs),
    )
  }

  private expire(): void {
    const { timeoutMs } = this.options
    const limit = this.now - timeoutMs
    const late = this.all.filter(({ stuckSince }) => stuckSince !== undefined && stuckSince <= limit)
    for (const track of late) {
      track.stuckSince = undefined
      if (this.ended !== undefined || this.leaving.has(track)) this.giveUp(track)
      else track.fallBehind(noRoom(track.subscriber, timeoutMs))
    }
    if (this.ended !== undefined) return
    if (this.tracks.length > 0 && this.tracks.every(({ behind }) => behind)) this.missOne()
    else this.read()
  }

  /** All are behind: nobody would be held up, so each message waits its time before it is missed. */
  private missOne(): void {
    for (const track of this.tracks) track.stuckSince = this.now
    if (this.permitted === 0) this.permit(1)
  }

  private giveUp(track: Track<T>): void {
    const { timeoutMs } = this.options
    const why = `'${track.subscriber}' has messages, but answered none within ${timeoutMs} ms`
    this.finish(track, new ServiceError('timeout', why))
  }

  private finish(track: Track<T>, error?: ServiceError): void {
    const isLeaving = this.leaving.delete(track)
    if (!isLeaving && !this.tracks.includes(track)) return
    this.tracks = this.tracks.filter(other => other !== track)
    track.leave(error)
    this.subscriber.next(track.report())
    track.outlet.abandon()
    this.read()
    this.completeWhenDone()
  }

  private completeWhenDone(): void {
    if (this.over || this.ended === undefined || this.tracks.length + this.leaving.size > 0) return
    this.over = true
    this.reading.unsubscribe()
    this.timer?.unsubscribe()
    if ('error' in this.ended) this.subscriber.error(ServiceError.from(this.ended.error))
    else this.subscriber.complete()
  }

  private get all(): readonly Track<T>[] {
    return [...this.tracks, ...this.leaving]
  }

  private get now(): number {
    return this.options.clock.scheduler.now()
  }
}

function noRoom(subscriber: string, timeoutMs: number): ServiceError {
  const why = `'${subscriber}' had no room for a message within ${timeoutMs} ms`
  return new ServiceError('resource_exhausted', why)
}

/** Node runs a timer that is longer at once. */
const longestTimerMs = 2 ** 31 - 1
