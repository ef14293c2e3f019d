import { Observable, type Subscriber } from 'rxjs'
import type { Delivery } from '../../streams/delivery.js'

/**
 * The requests of one stream on their way to its handler. They wait until the handler subscribes, and while the queue is held up; how many
 * can wait is bounded by the channel's window, as none of them is answered yet. Once the handler has unsubscribed, what
 * still comes is answered and dropped.
 */
export class RequestQueue<T> {
  /** Single-use. Emits what waits, at once, then what comes; ends as the peer's direction does. */
  readonly deliveries: Observable<Delivery<T>>
  private readonly waiting: Delivery<T>[] = []
  private reader: Subscriber<Delivery<T>> | undefined
  private reading = false
  private heldUp = false
  private abandoned = false
  private ended: { readonly error?: unknown } | undefined

  constructor() {
    this.deliveries = new Observable(subscriber => {
      this.reader = subscriber
      this.read()
      return () => this.abandon()
    })
  }

  push(delivery: Delivery<T>): void {
    if (this.ended !== undefined) return
    if (this.abandoned) return delivery.ack()
    this.waiting.push(delivery)
    this.read()
  }

  /** Gives the handler nothing more until {@link goOn}. */
  holdUp(): void {
    this.heldUp = true
  }

  goOn(): void {
    this.heldUp = false
    this.read()
  }

  /** The peer sends nothing more: the handler sees the end behind what waits. */
  complete(): void {
    this.ended ??= {}
    this.read()
  }

  /** Nothing that waits is wanted any more: the handler sees the error at once. */
  fail(error: unknown): void {
    if (this.ended !== undefined && this.waiting.length === 0) return
    this.ended = { error }
    this.abandon()
    this.reader?.error(error)
  }

  /** Answers and drops what waits: nobody will read it. */
  abandon(): void {
    this.abandoned = true
    for (const delivery of this.waiting.splice(0)) delivery.ack()
  }

  /** One after another: what comes while one is read, or holds the queue up, waits behind it. */
  private read(): void {
    const { reader } = this
    if (reader === undefined || this.reading) return
    this.reading = true
    while (!this.heldUp && !reader.closed) {
      const oldest = this.waiting.shift()
      if (oldest === undefined) break
      reader.next(oldest)
    }
    this.reading = false
    if (this.ended === undefined || this.waiting.length > 0) return
    if ('error' in this.ended) reader.error(this.ended.error)
    else reader.complete()
  }
}
