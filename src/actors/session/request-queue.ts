import { Observable, type Subscriber } from 'rxjs'
import type { Delivery } from '../../streams/delivery.js'

/**
 * The requests of one stream on their way to its handler. They wait until the handler subscribes; how many can wait is
 * bounded by the channel's window, as none of them is answered yet. Once the handler has unsubscribed, what still
 * comes is answered and dropped.
 */
export class RequestQueue<T> {
  /** Single-use. Emits what waits, at once, then what comes; ends as the peer's direction does. */
  readonly deliveries: Observable<Delivery<T>>
  private readonly waiting: Delivery<T>[] = []
  private reader: Subscriber<Delivery<T>> | undefined
  private abandoned = false
  private ended: { readonly error?: unknown } | undefined

  constructor() {
    this.deliveries = new Observable(subscriber => {
      // What comes while the waiting ones are read queues behind them.
      while (!subscriber.closed && this.waiting.length > 0) {
        const oldest = this.waiting.shift()
        if (oldest !== undefined) subscriber.next(oldest)
      }
      this.reader = subscriber
      if (this.ended !== undefined) this.finish(this.ended)
      return () => this.abandon()
    })
  }

  push(delivery: Delivery<T>): void {
    if (this.ended !== undefined) return
    if (this.abandoned) delivery.ack()
    else if (this.reader === undefined) this.waiting.push(delivery)
    else this.reader.next(delivery)
  }

  complete(): void {
    this.end({})
  }

  fail(error: unknown): void {
    this.end({ error })
  }

  /** Answers and drops what waits: nobody will read it. */
  abandon(): void {
    this.abandoned = true
    for (const delivery of this.waiting.splice(0)) delivery.ack()
  }

  private end(how: { readonly error?: unknown }): void {
    if (this.ended !== undefined) return
    this.ended = how
    this.finish(how)
  }

  private finish(how: { readonly error?: unknown }): void {
    if ('error' in how) this.reader?.error(how.error)
    else this.reader?.complete()
  }
}
