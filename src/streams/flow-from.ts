import { BehaviorSubject, Observable, isObservable, map } from 'rxjs'
import { createDelivery, type Delivery } from './delivery.js'
import { ServiceError } from './errors.js'
import type { Source } from './exchange.js'
import { currentEmission, type Emission } from './emission.js'
import { createFlow, deliveriesOf, type Flow } from './flow.js'
import { subscribeFor } from './linked.js'
import { paced } from './operators/paced.js'

/** How many values may wait unanswered when an Observable pushed them and nothing can slow it down. */
const maxPushed = 256

/**
 * A Flow over any source. A Flow stays what it is. An iterable is pulled: the next value is asked for when the one before is
 * answered. An Observable pushes: each value answers the delivery that it came from, when it was emitted in the same turn of
 * a Flow (so `map` and `filter` in between keep the flow paced); values that come by themselves wait, at most 256, and one
 * more fails the Flow with `resource_exhausted`.
 */
export function flowFrom<T>(source: Source<T>): Flow<T> {
  if (isObservable(source)) {
    return deliveriesOf(source) === undefined ? createFlow(pushed(source)) : (source as Flow<T>)
  }
  return createFlow(pulled(source))
}

function pulled<T>(source: Iterable<T> | AsyncIterable<T>): Observable<Delivery<T>> {
  return new Observable(subscriber => {
    const demand = new BehaviorSubject(1)
    const deliveries = paced(source, demand).pipe(map(value => createDelivery(value, () => demand.next(1))))
    return deliveries.subscribe(subscriber)
  })
}

function pushed<T>(source: Observable<T>): Observable<Delivery<T>> {
  return new Observable(subscriber => {
    const held = new Set<Held>()
    let unanswered = 0
    subscribeFor(subscriber, source, {
      next: value => {
        const emission = currentEmission()
        if (emission !== undefined) return subscriber.next(heldDelivery(value, emission, held))
        if (unanswered === maxPushed) return subscriber.error(tooMany())
        unanswered += 1
        subscriber.next(createDelivery(value, () => void (unanswered -= 1)))
      },
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
    // Runs after the source was unsubscribed, because an emission must see whether its stream goes on.
    return () => {
      for (const { emission } of held) emission.abandon()
      held.clear()
    }
  })
}

/** A hold that was not let go yet: one for each value, as one emission may give several. */
interface Held {
  readonly emission: Emission
}

function heldDelivery<T>(value: T, emission: Emission, held: Set<Held>): Delivery<T> {
  const hold = { emission }
  emission.hold()
  held.add(hold)
  return createDelivery(value, error => {
    if (held.delete(hold)) emission.release(error)
  })
}

function tooMany(): ServiceError {
  return new ServiceError(
    'resource_exhausted',
    `${maxPushed} values wait for a slow consumer and their source cannot be slowed; ` +
      "return an iterable, or put bounded(n, 'drop-oldest') in front",
  )
}
