import type { DeliverEvent } from '../actors/session/event-call.js'
import { createDelivery } from '../streams/delivery.js'
import type { ServiceError } from '../streams/errors.js'
import type { RunningSubscriber } from './topics.js'

/** Gives events to the subscribers of this service that are in `subscribers` by then; an event that nobody subscribes to is done. */
export function localEvents(subscribers: readonly RunningSubscriber[]): DeliverEvent {
  return (topic, message, done) => {
    const chosen = subscribers.filter(subscriber => subscriber.topic === topic)
    let left = chosen.length
    let first: ServiceError | undefined
    const answered = (error?: ServiceError) => {
      first ??= error
      left -= 1
      if (left === 0) done(first)
    }
    if (left === 0) return done()
    for (const { subscription } of chosen) subscription.deliver(createDelivery(message, answered))
  }
}
