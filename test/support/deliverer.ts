import { Observable, type Subscriber } from 'rxjs'
import { createDelivery, type Delivery, type ServiceError } from 'headrace/streams'

/**
 * Gives values as deliveries, at most `window` of them unanswered at a time, as an adapter does, and keeps a record of
 * what became of each. One subscriber at a time.
 */
export class Deliverer<T> {
  /** Values that were acked, and those that were nacked with their errors, in the order of the answers. */
  readonly acked: T[] = []
  readonly nacked: { readonly value: T; readonly error: ServiceError }[] = []
  /** The values that were given, in order. */
  readonly given: T[] = []
  unanswered = 0
  mostUnanswered = 0
  subscribers = 0
  private readonly queue: T[]
  private subscriber: Subscriber<Delivery<T>> | undefined
  private pumping = false
  private ended = false

  /** `values` are given first; then it completes, unless `open` is true: then {@link push} and {@link end} say how it goes on. */
  constructor(
    values: readonly T[] = [],
    private readonly window = 1024,
    open = false,
  ) {
    this.queue = [...values]
    this.ended = !open
  }

  readonly deliveries = new Observable<Delivery<T>>(subscriber => {
    this.subscriber = subscriber
    this.subscribers += 1
    this.pump()
    return () => {
      this.subscribers -= 1
    }
  })

  push(...values: T[]): void {
    this.queue.push(...values)
    this.pump()
  }

  end(): void {
    this.ended = true
    this.pump()
  }

  fail(error: unknown): void {
    this.subscriber?.error(error)
  }

  private pump(): void {
    const { subscriber } = this
    if (this.pumping || subscriber === undefined) return
    this.pumping = true
    while (this.unanswered < this.window && this.queue.length > 0 && !subscriber.closed)
      this.give(this.queue.shift() as T, subscriber)
    this.pumping = false
    if (this.ended && this.queue.length === 0) subscriber.complete()
  }

  private give(value: T, subscriber: Subscriber<Delivery<T>>): void {
    this.unanswered += 1
    this.mostUnanswered = Math.max(this.mostUnanswered, this.unanswered)
    this.given.push(value)
    subscriber.next(
      createDelivery(value, error => {
        this.unanswered -= 1
        if (error === undefined) this.acked.push(value)
        else this.nacked.push({ value, error })
        this.pump()
      }),
    )
  }
}
