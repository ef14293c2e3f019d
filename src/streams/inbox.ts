import { Observable, type Subscriber } from 'rxjs'
import type { Delivery } from './delivery.js'
import { ServiceError } from './errors.js'

/**
 * The receiving half of a channel or a subscription: values wait here for one subscriber at a time, and each counts until it is
 * answered. It does not limit anything itself: who fills it looks at `held` and `heldBytes` and stops in time.
 */
export class Inbox<T> {
  /**
   * Hot, single subscriber at a time; a second one gets `conflict`. First value: the oldest that waits, at once. Completes after `finish`
   * when nothing waits any more, or errors with its error. Unsubscribing leaves what waits for the next subscriber.
   */
  readonly incoming: Observable<Delivery<T>> = new Observable(subscriber => this.attach(subscriber))

  private waiting: Held<T>[] = []
  private subscriber: Subscriber<Delivery<T>> | undefined
  private ended: { readonly error?: ServiceError } | undefined
  private emitting = false
  private next = 0
  private count = 0
  private bytes = 0

  /** `answered` is called after each ack and nack, once for each delivery; never after `finish` with an error. */
  constructor(private readonly answered: () => void) {}

  /** How many deliveries were not answered yet, those that wait included. */
  get held(): number {
    return this.count
  }

  /** The bytes of the deliveries that were not answered yet. */
  get heldBytes(): number {
    return this.bytes
  }

  /** Hands a value to the subscriber, or keeps it for the next one. After the end it does nothing. */
  push(value: T, bytes: number): void {
    if (this.ended !== undefined) return
    this.count += 1
    this.bytes += bytes
    this.waiting.push(new Held(value, bytes, this))
    this.emit()
  }

  /** Ends it after what waits. */
  finish(error?: ServiceError): void {
    if (this.ended !== undefined) return
    this.ended = error === undefined ? {} : { error }
    this.emit()
  }

  /** Ends it now: what waits is dropped. */
  abort(error: ServiceError): void {
    this.waiting = []
    this.next = 0
    if (this.ended?.error === undefined) this.ended = { error }
    this.emit()
  }

  /** For {@link Held}. */
  settle(bytes: number): void {
    this.count -= 1
    this.bytes -= bytes
    if (this.ended?.error === undefined) this.answered()
  }

  private attach(subscriber: Subscriber<Delivery<T>>): () => void {
    if (this.subscriber !== undefined) {
      subscriber.error(new ServiceError('conflict', 'incoming has a subscriber already; use share()'))
      return () => undefined
    }
    this.subscriber = subscriber
    this.emit()
    return () => {
      if (this.subscriber === subscriber) this.subscriber = undefined
    }
  }

  private emit(): void {
    // A subscriber that acks within `next` can cause the next push: only the outer call emits, so the order is kept.
    if (this.emitting) return
    this.emitting = true
    try {
      this.emitWaiting()
    } finally {
      this.emitting = false
    }
    if (this.ended !== undefined && this.waiting.length === 0) this.emitEnd(this.ended.error)
  }

  private emitWaiting(): void {
    while (this.subscriber !== undefined) {
      const held = this.waiting[this.next]
      if (held === undefined) break
      this.next += 1
      this.subscriber.next(held)
    }
    if (this.next < this.waiting.length) this.waiting.splice(0, this.next)
    else if (this.waiting.length > 0) this.waiting = []
    this.next = 0
  }

  private emitEnd(error: ServiceError | undefined): void {
    const { subscriber } = this
    this.subscriber = undefined
    if (error === undefined) subscriber?.complete()
    else subscriber?.error(error)
  }
}

class Held<T> implements Delivery<T> {
  private open = true

  constructor(
    readonly value: T,
    private readonly bytes: number,
    private readonly inbox: Inbox<T>,
  ) {}

  ack(): void {
    if (!this.open) return
    this.open = false
    this.inbox.settle(this.bytes)
  }

  nack(_error: ServiceError): void {
    this.ack()
  }
}
