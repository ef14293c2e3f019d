import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs'
import type { Delivery } from '../delivery.js'
import { Emission } from '../emission.js'
import { subscribeFor } from '../linked.js'

/**
 * Deliveries to plain values, each acked as soon as `next` returns: for consumers that finish synchronously. It is how a
 * subscribed Flow emits; `work` behind synchronous operators still holds a delivery until its work is done.
 *
 * Cold; emits, completes and errors as its source does. Unsubscribing unsubscribes from the source and leaves what
 * is held unanswered. A slow consumer: an operator that queues behind it (`concatMap`) is an unbounded buffer; use `work`.
 */
export function eager<T>(): OperatorFunction<Delivery<T>, T> {
  return source => new Observable(subscriber => subscribeFor(subscriber, source, new Emitter(subscriber)))
}

class Emitter<T> implements Observer<Delivery<T>> {
  private ended = false
  /** One that nobody holds any more is used again: values that are taken within `next`, which most are, share one. */
  private spare: Emission | undefined
  private readonly emit = (value: T): void => this.target.next(value)

  constructor(private readonly target: Subscriber<T>) {}

  get closed(): boolean {
    return this.ended || this.target.closed
  }

  next(delivery: Delivery<T>): void {
    const emission = this.spare ?? new Emission(this)
    this.spare = undefined
    try {
      emission.emit(delivery, this.emit)
    } finally {
      if (emission.isFree) this.spare = emission
    }
  }

  error(error: unknown): void {
    this.ended = true
    this.target.error(error)
  }

  complete(): void {
    this.ended = true
    this.target.complete()
  }
}
