import { Observable, isObservable, type Subscriber, type Subscription } from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { deliveriesOf } from '../streams/flow.js'

/** How many values may come before the stream is open. */
const maxEarly = 1_024

/** A source that is listened to already, and what stops that. */
export interface EarlySource<T> {
  readonly source: Source<T>
  stop(): void
}

/**
 * Listens to a source that pushes at once, and keeps what comes until the result is subscribed: at most 1,024 values, one more is
 * `resource_exhausted`. Sources that are pulled wait by themselves.
 */
export function subscribedEarly<T>(source: Source<T>): EarlySource<T> {
  if (!isObservable(source) || deliveriesOf(source) !== undefined) return { source, stop: () => undefined }
  const early = new EarlyValues<T>()
  const subscription: Subscription = source.subscribe(early)
  return { source: early.values, stop: () => subscription.unsubscribe() }
}

class EarlyValues<T> {
  private readonly waiting: ((reader: Subscriber<T>) => void)[] = []
  private reader: Subscriber<T> | undefined

  readonly values = new Observable<T>(subscriber => {
    for (let tell = this.waiting.shift(); tell !== undefined; tell = this.waiting.shift()) tell(subscriber)
    this.reader = subscriber
  })

  next(value: T): void {
    if (this.reader === undefined && this.waiting.length >= maxEarly) {
      const error = new ServiceError(
        'resource_exhausted',
        `${maxEarly} requests came before the stream was open`,
      )
      this.waiting.splice(0, Infinity, reader => reader.error(error))
    } else {
      this.tell(reader => reader.next(value))
    }
  }

  error(error: unknown): void {
    this.tell(reader => reader.error(error))
  }

  complete(): void {
    this.tell(reader => reader.complete())
  }

  private tell(what: (reader: Subscriber<T>) => void): void {
    if (this.reader === undefined) this.waiting.push(what)
    else what(this.reader)
  }
}
