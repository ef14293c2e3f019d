import { Fifo } from '../streams/fifo.js'
import { type ServiceError, type StreamReport } from '../streams/index.js'

/** One subscriber, or queue of them, as a published stream sees it. The counts only grow. */
export interface Outlet<T> {
  /** How many more messages it takes now. */
  readonly room: number
  readonly sent: number
  readonly acked: number
  readonly nacked: number
  /** Of those that were sent: how many it certainly did not get. */
  readonly missed: number
  /** The first thing that went wrong. */
  readonly error: ServiceError | undefined
  /** Why it has no room and will not have any soon: there is nobody to wait for. */
  readonly unreachable?: ServiceError | undefined
  /** Sends a message. Call it only when there is room. */
  send(value: T): void
  /** Nothing more comes: {@link OutletEvents.left} follows when everything is answered. */
  end(): void
  /** Nobody waits for answers any more; what was sent still arrives. */
  abandon(): void
}

/** What an outlet tells, also within `send`; not before it was made. */
export interface OutletEvents {
  /** There may be room, or something was answered. */
  changed(): void
  /** It takes nothing more and nothing more is answered. The error is why, if something is missing. */
  left(error?: ServiceError): void
}

/** What a published stream keeps for one of its subscribers: few messages that wait, because room can become less than was promised. */
export class Track<T> {
  /** It had no room for a message in time: it holds up nobody until it has room again. */
  behind = false
  /** Since when it is waited for and does nothing. */
  stuckSince: number | undefined
  private readonly waiting = new Fifo<T>()
  private missed = 0
  private error: ServiceError | undefined
  private reason: ServiceError | undefined
  private ended = false

  constructor(
    readonly subscriber: string,
    readonly outlet: Outlet<T>,
  ) {}

  /** How many more messages may be read for it. */
  get room(): number {
    return this.outlet.room - this.waiting.length
  }

  offer(value: T): void {
    if (this.waiting.length === 0 && this.outlet.room > 0) this.outlet.send(value)
    else if (this.behind) this.missed += 1
    else this.waiting.push(value)
  }

  /** Sends what waits as far as there is room. */
  flush(): void {
    const { waiting, outlet } = this
    while (waiting.length > 0 && outlet.room > 0) outlet.send(waiting.shift() as T)
  }

  /** Its time is up, or there is nobody to wait for: what waits is missed. */
  fallBehind(why: ServiceError): void {
    this.behind = true
    this.reason ??= why
    this.missWaiting()
  }

  /** It gets nothing more, for a reason that counts as an error if it misses something by it. */
  leave(reason: ServiceError | undefined): void {
    this.reason ??= reason
    this.missWaiting()
    this.end()
  }

  /** The source has ended: tells the outlet behind what waits, once. */
  end(): void {
    if (this.ended || this.waiting.length > 0) return
    this.ended = true
    this.outlet.end()
  }

  report(): StreamReport {
    const { subscriber, outlet, waiting } = this
    const { sent, acked, nacked } = outlet
    const missed = this.missed + outlet.missed + waiting.length
    const unanswered = sent - acked - nacked - outlet.missed
    const error = this.error ?? outlet.error ?? (missed + unanswered > 0 ? this.reason : undefined)
    return { subscriber, acked, nacked, missed, unanswered, ...(error === undefined ? {} : { error }) }
  }

  private missWaiting(): void {
    this.missed += this.waiting.length
    this.waiting.clear()
  }
}
