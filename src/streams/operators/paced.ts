import { Observable, isObservable, type Subscriber } from 'rxjs'
import type { ServiceError } from '../errors.js'
import type { Source } from '../exchange.js'
import { deliveriesOf } from '../flow.js'
import { subscribeFor } from '../linked.js'
import { count, given, resolveOptions } from '../options.js'
import { toSource } from '../source.js'
import { DeliveryPacer } from './delivery-pacer.js'
import { PullPacer } from './pull-pacer.js'
import { PushPacer } from './push-pacer.js'

/** Options of {@link paced}. All but `onLateError` concern sources that push. */
export interface PacedOptions<T> {
  /** How many values may wait for demand. @default 1024 */
  readonly maxCount?: number
  /** How many bytes may wait for demand, by `sizeOf`; a single value may be larger. @default 4194304 */
  readonly maxBytes?: number
  /** The size of a value in bytes; called twice for each value that waits. @default every value has size 0 */
  readonly sizeOf?: (value: T) => number
  /** Told `true` when more than half of either limit waits, and `false` when it is less again. @default nothing */
  readonly onPressure?: (overHalf: boolean) => void
  /** Told when an iterator fails to close after the end, where no subscriber hears it any more. @default nothing */
  readonly onLateError?: (error: ServiceError) => void
}

/**
 * Emits the values of `source` as `demand` allows: never more than the sum of what `demand` has emitted.
 *
 * - An iterable or async iterable, and so a Flow or what `bounded` returns, is *pulled*: a step for each permission, one at
 *   a time. Its end is seen by the step after the last value, so it too takes a permission.
 * - Any other Observable *pushes*: it is subscribed at once, and what it emits too early waits within the limits of the
 *   options; beyond them the result errors `resource_exhausted` at once.
 *
 * Cold. First value: with the first permission. Completes when the source has, and also when `demand` has completed and is
 * used up: then nobody takes more. Errors as the source does (behind what waits) or as `demand` does. Unsubscribing unsubscribes
 * from both and calls the iterator's `return()`, also while a step of it is pending. Permissions may be granted while a value is
 * being emitted.
 */
export function paced<T>(
  source: Source<T>,
  demand: Observable<number>,
  options?: PacedOptions<T>,
): Observable<T> {
  const resolved = resolveOptions<Required<PacedOptions<T>>>('paced', options, {
    maxCount: count(1024),
    maxBytes: count(4 * 1024 * 1024),
    sizeOf: given(() => 0),
    onPressure: given(() => undefined),
    onLateError: given(() => undefined),
  })
  const checked = toSource<T>(source, 'the source of paced')
  const deliveries = isObservable(checked) ? deliveriesOf(checked) : undefined
  return new Observable(subscriber => {
    if (deliveries !== undefined) {
      const pacer = new DeliveryPacer(deliveries, subscriber)
      obey(demand, pacer, subscriber)
      return () => pacer.stop()
    }
    if (isPullable(checked)) {
      const pacer = new PullPacer(checked, subscriber, resolved.onLateError)
      obey(demand, pacer, subscriber)
      return () => pacer.stop()
    }
    const pacer = new PushPacer(resolved, subscriber)
    obey(demand, pacer, subscriber)
    subscribeFor(subscriber, checked, pacer)
    return () => pacer.stop()
  })
}

interface Pacer {
  permit(count: number): void
  endDemand(): void
}

function obey(demand: Observable<number>, pacer: Pacer, subscriber: Subscriber<unknown>): void {
  subscribeFor(subscriber, demand, {
    next: permitted => pacer.permit(permitted),
    error: error => subscriber.error(error),
    complete: () => pacer.endDemand(),
  })
}

// A Flow is both, and pulling is what paces it.
function isPullable<T>(source: Source<T>): source is Exclude<Source<T>, Observable<T>> {
  return Symbol.asyncIterator in source || !isObservable(source)
}
