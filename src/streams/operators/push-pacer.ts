import type { Observer, Subscriber } from 'rxjs'
import { ServiceError } from '../errors.js'
import { Fifo } from '../fifo.js'

/** The bounds of what waits for permission. */
export interface PushLimits<T> {
  readonly maxCount: number
  readonly maxBytes: number
  readonly sizeOf: (value: T) => number
  readonly onPressure: (overHalf: boolean) => void
}

/** Lets pushed values through as permitted; what comes early waits, within limits. */
export class PushPacer<T> implements Observer<T> {
  private readonly waiting = new Fifo<T>()
  private bytes = 0
  private permitted = 0
  private emitting = false
  private overHalf = false
  private demandEnded = false
  private end: { readonly error?: unknown } | undefined

  constructor(
    private readonly limits: PushLimits<T>,
    private readonly subscriber: Subscriber<T>,
  ) {}

  /** May be called while a value is being emitted: the loop that emits goes on with it. */
  permit(count: number): void {
    this.permitted += count
    this.drain()
  }

  endDemand(): void {
    this.demandEnded = true
    this.drain()
  }

  stop(): void {
    this.waiting.clear()
  }

  next(value: T): void {
    if (this.permitted <= 0 || this.emitting || this.waiting.length > 0) return this.enqueue(value)
    this.emit(value)
    this.drain()
  }

  error(error: unknown): void {
    this.end = { error }
    this.drain()
  }

  complete(): void {
    this.end = {}
    this.drain()
  }

  private enqueue(value: T): void {
    const { maxCount, maxBytes, sizeOf } = this.limits
    const bytes = this.bytes + sizeOf(value)
    // One value waits whatever its size, or it could never be sent.
    const full = this.waiting.length >= maxCount || (bytes > maxBytes && this.waiting.length > 0)
    if (full) return this.subscriber.error(this.overflow())
    this.waiting.push(value)
    this.bytes = bytes
    this.checkPressure()
  }

  private drain(): void {
    if (this.emitting) return
    while (this.permitted > 0 && this.waiting.length > 0) {
      const value = this.waiting.shift() as T
      this.bytes -= this.limits.sizeOf(value)
      this.emit(value)
      // Only now: who is told may emit more, or end, and that must not overtake this value.
      this.checkPressure()
    }
    this.finishWhenDone()
  }

  private emit(value: T): void {
    this.permitted -= 1
    this.emitting = true
    this.subscriber.next(value)
    this.emitting = false
  }

  // An error of the source waits its turn behind the values that came before it.
  private finishWhenDone(): void {
    if (this.end !== undefined && this.waiting.length === 0) {
      if ('error' in this.end) this.subscriber.error(this.end.error)
      else this.subscriber.complete()
    } else if (this.demandEnded && this.permitted <= 0) {
      this.subscriber.complete()
    }
  }

  private checkPressure(): void {
    const { maxCount, maxBytes, onPressure } = this.limits
    const overHalf = this.waiting.length * 2 > maxCount || this.bytes * 2 > maxBytes
    if (overHalf === this.overHalf) return
    this.overHalf = overHalf
    onPressure(overHalf)
  }

  private overflow(): ServiceError {
    return new ServiceError(
      'resource_exhausted',
      `${this.waiting.length} values (${this.bytes} bytes) wait to be sent, and an Observable cannot be slowed: ` +
        "return an iterable or an async generator, or put bounded(n, 'drop-oldest') in front",
    )
  }
}
