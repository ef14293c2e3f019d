import { Observable, map } from 'rxjs'
import { mapDelivery, type Delivery } from './delivery.js'
import { DeliveryIterator } from './delivery-iterator.js'
import { ServiceError } from './errors.js'
import { eager } from './operators/eager.js'

export { createReply, runReply, type Reply, type ReplyObserver } from './reply.js'

/**
 * A stream of plain values that can also be pulled.
 *
 * - *Temperature:* cold on a client (each subscription or iterator opens a stream of its own); single-use where a handler
 *   gets it (a second subscriber or iterator is an error that says `share()`).
 * - *First value:* none until the peer sends one.
 * - *Ends:* completes when the peer ends, errors with a {@link ServiceError}.
 * - *Unsubscribe*, or `break` in `for await`: cancels the stream.
 * - *Flow:* subscribed, it is eager: a value counts as taken when `next` returns, so an operator that queues behind it
 *   (`concatMap`, `mergeMap`) is an unbounded buffer. Pulled (`for await`, `work(fn, n)`), the next value is asked for when the
 *   work on the last one is done. `flow.pipe(operator)` is a plain Observable and cannot be iterated.
 */
export interface Flow<T> extends Observable<T>, AsyncIterable<T> {}

/** How a {@link Flow} made by {@link createFlow} behaves. */
export interface FlowOptions {
  /** Set: a second subscriber or iterator gets `bad_request` with this text. Default: each opens a stream of its own. */
  readonly singleUse?: string
}

/** A Flow over deliveries. `open` is subscribed once for each subscriber or iterator. */
export function createFlow<T>(open: Observable<Delivery<T>>, options: FlowOptions = {}): Flow<T> {
  return new DeliveryFlow(options.singleUse === undefined ? open : once(open, options.singleUse))
}

function once<T>(source: Observable<T>, refusal: string): Observable<T> {
  let used = false
  return new Observable(subscriber => {
    if (used) {
      subscriber.error(new ServiceError('bad_request', refusal))
      return undefined
    }
    used = true
    return source.subscribe(subscriber)
  })
}

/** The deliveries behind a Flow, or `undefined` for any other Observable (also for `flow.pipe(…)`). */
export function deliveriesOf<T>(source: Observable<T>): Observable<Delivery<T>> | undefined {
  return source instanceof DeliveryFlow ? (source as DeliveryFlow<T>).deliveries : undefined
}

/**
 * Changes each value of a Flow and keeps it pullable, as `map` does for an Observable. When `project` throws, that
 * delivery is nacked and the stream ends with the error.
 */
export function mapFlow<A, B>(flow: Flow<A>, project: (value: A) => B): Flow<B> {
  const deliveries = deliveriesOf<A>(flow)
  if (deliveries === undefined)
    throw new ServiceError('bad_request', 'mapFlow: this is not a Flow; use map() for an Observable')
  return new DeliveryFlow(deliveries.pipe(map(delivery => projectDelivery(delivery, project))))
}

function projectDelivery<A, B>(delivery: Delivery<A>, project: (value: A) => B): Delivery<B> {
  try {
    return mapDelivery(delivery, project(delivery.value))
  } catch (failure) {
    delivery.nack(ServiceError.from(failure))
    throw failure
  }
}

class DeliveryFlow<T> extends Observable<T> implements Flow<T> {
  constructor(readonly deliveries: Observable<Delivery<T>>) {
    const values = deliveries.pipe(eager())
    super(subscriber => values.subscribe(subscriber))
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
    return new DeliveryIterator(this.deliveries)
  }
}
