import { Observable, defer, map, timer } from 'rxjs'
import type { Broker, SubscribeOptions } from '../../streams/broker.js'
import type { Clock } from '../../streams/clock.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import { subscribeFor } from '../../streams/linked.js'
import type { Message } from '../../streams/message.js'
import { fullJitter } from '../../streams/operators/backoff.js'
import type { Behavior, Effect } from '../behavior.js'

/** Where a subscription stands. */
export interface Following {
  /** `subscribing` until the broker has accepted, `lost` while it is tried again, `draining` when nothing more is taken. */
  readonly phase: 'subscribing' | 'subscribed' | 'lost' | 'draining'
  /** How many times in a row the broker was lost. */
  readonly failures: number
}

/** What the actor of a subscription hears. No message of the topic is among it. */
export type FollowingMessage =
  | { readonly kind: 'subscribed' }
  | { readonly kind: 'lost'; readonly error: ServiceError }
  /** It is time to subscribe again. */
  | { readonly kind: 'due' }
  | { readonly kind: 'drain' }

/** What a subscription is made of. */
export interface FollowingParts {
  readonly broker: Broker
  readonly topic: string
  readonly subscribe: SubscribeOptions
  readonly clock: Clock
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  /** Handles what `deliver` gets. Emits nothing, does not end. */
  readonly handling: Observable<never>
  deliver(delivery: Delivery<Message>): void
  subscribed(): void
  lost(error: ServiceError, retryMs: number): void
}

/** The decisions about one subscription: it subscribes, and again with a growing delay whenever the broker was lost. */
export function createFollowing(parts: FollowingParts): Behavior<Following, FollowingMessage> {
  return {
    start: () => ({
      state: { phase: 'subscribing', failures: 0 },
      run: [{ key: 'handling', messages: parts.handling }, feed(parts)],
    }),
    receive: (following, message) => {
      const { phase, failures } = following
      switch (message.kind) {
        case 'subscribed':
          if (phase === 'draining') return { state: following }
          return { state: { phase: 'subscribed', failures: 0 }, reply: [() => parts.subscribed()] }
        case 'lost': {
          if (phase === 'draining') return { state: following }
          const retryMs = delay(parts, failures + 1)
          return {
            state: { phase: 'lost', failures: failures + 1 },
            reply: [() => parts.lost(message.error, retryMs)],
            run: [retry(parts, retryMs)],
          }
        }
        case 'due':
          return { state: following, run: [feed(parts)] }
        case 'drain':
          return { state: { phase: 'draining', failures }, cancel: ['retry'] }
      }
    },
  }
}

function delay({ clock, retryBaseMs, retryMaxMs }: FollowingParts, attempt: number): number {
  return fullJitter(attempt, { baseMs: retryBaseMs, maxMs: retryMaxMs }, clock.random)
}

function retry({ clock }: FollowingParts, delayMs: number): Effect<FollowingMessage> {
  return { key: 'retry', messages: timer(delayMs, clock.scheduler).pipe(map(() => ({ kind: 'due' }))) }
}

/** The subscription at the broker: deliveries go straight to `deliver`, the actor hears only how it stands. */
function feed(parts: FollowingParts): Effect<FollowingMessage> {
  const events = defer(() => parts.broker.subscribe(parts.topic, parts.subscribe))
  const messages = new Observable<FollowingMessage>(subscriber => {
    const lost = (reason: unknown) => {
      subscriber.next({ kind: 'lost', error: ServiceError.from(reason) })
      subscriber.complete()
    }
    subscribeFor(subscriber, events, {
      next: event => {
        if (event.kind === 'delivery') parts.deliver(event.delivery)
        else subscriber.next({ kind: 'subscribed' })
      },
      error: lost,
      complete: () =>
        lost(new ServiceError('unavailable', `topic ${parts.topic}: the broker has ended the subscription`)),
    })
  })
  return { key: 'feed', messages }
}
