import type { Delivery } from './delivery.js'
import { Emission, currentEmission, type Consumer } from './emission.js'
import type { ServiceError } from './errors.js'

/**
 * Calls `next` with a delivery's value so that {@link holdEmitted} and `work` find it; acked afterwards unless it is
 * held, nacked when `next` throws. `consumer` tells whether the stream goes on when a holder is unsubscribed; without
 * it such a delivery stays unanswered.
 */
export function emitDelivery<T>(delivery: Delivery<T>, next: (value: T) => void, consumer?: Consumer): void {
  new Emission(consumer).emit(delivery, next)
}

/**
 * Keeps the delivery that is being emitted right now unanswered until the returned function is called: without an
 * error it is acked (once every holder let go), with one it is nacked; further calls do nothing. `undefined` when no
 * Flow is emitting, as behind an asynchronous operator.
 */
export function holdEmitted(): ((error?: ServiceError) => void) | undefined {
  const emission = currentEmission()
  if (emission === undefined) return undefined
  emission.hold()
  let open = true
  return error => {
    if (!open) return
    open = false
    emission.release(error)
  }
}
