import { EMPTY, lastValueFrom, timeout, type Observable } from 'rxjs'
import type { Broker } from '../streams/broker.js'
import { systemClock, type Clock } from '../streams/clock.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import type { Message } from '../streams/message.js'
import { count, flag, given, milliseconds, resolveOptions, text } from '../streams/options.js'
import { spawn } from './actor.js'
import type { ActorEvent } from './actor-event.js'
import { createDeferred } from './deferred.js'
import { phasesOf } from './phases.js'
import { createFollowing } from './subscription/following.js'
import { Handling, type HandlingFault } from './subscription/handling.js'

/** Where a subscription stands. `lost`: the broker was lost, and is being tried again. */
export type SubscriptionState = 'subscribing' | 'subscribed' | 'lost' | 'draining' | 'closed'

/** What a subscription reports: its actor, single messages that failed, and how it fares with the broker. */
export type SubscriptionReport =
  | ActorEvent
  | HandlingFault
  /** The broker was lost; the next attempt is in `retryMs` milliseconds. Handlers that run go on. */
  | {
      readonly kind: 'subscription_lost'
      readonly topic: string
      readonly error: ServiceError
      readonly retryMs: number
    }
  /** Handlers still ran when the time for closing was over; their messages stay with the broker. */
  | { readonly kind: 'handlers_aborted'; readonly topic: string; readonly error: ServiceError }

/** A handler at a topic. */
export interface Subscription {
  /** Hot; replays the latest at once. Completes after `closed`, never errors. Unsubscribing stops nothing. Emits only changes, so a slow consumer is no matter. */
  readonly state: Observable<SubscriptionState>
  /** Resolves when the broker has accepted: what is published from then on arrives. Rejects with the first failure; the subscription is tried again all the same, until it is closed. */
  readonly ready: Promise<void>
  /** How many handlers run. */
  readonly inFlight: number
  /** Hands over a message that did not come from the broker: it is handled like those that did, behind those that wait. */
  deliver(delivery: Delivery<Message>): void
  /**
   * Begins no more handlers, waits for those that run, for at most `timeoutMs` (default 10,000), and unsubscribes at the broker. What was not begun stays with it.
   * May be called at any time and more than once: all calls share one promise, which never rejects.
   */
  close(timeoutMs?: number): Promise<void>
  /** Ends now; the messages being handled are neither acked nor nacked. */
  abort(error: ServiceError): void
}

/** What every subscription needs and may choose. */
interface CommonOptions<T> {
  readonly broker: Broker
  readonly topic: string
  /** Subscribers of one queue share the messages. @default each subscriber gets all */
  readonly queue?: string
  /** How many messages are handled at once; with 1 their order is kept. @default 1 */
  readonly concurrency?: number
  /** Reads a message. Where it throws the message is nacked and reported, and the stream goes on. */
  readonly decode: (message: Message) => T
  /** @default the machine's clock */
  readonly clock?: Clock
  /** The longest delay before the first attempt to subscribe again, in milliseconds; it doubles with each. @default 100 */
  readonly retryBaseMs?: number
  /** The longest such delay there is, in milliseconds. @default 10000 */
  readonly retryMaxMs?: number
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: SubscriptionReport) => void
}

/**
 * Options of {@link createSubscription}. A handler gets the message too, for its headers. It may return a value, a Promise or a stream; when that has ended the handler
 * is done.
 */
export type SubscriptionOptions<T> = CommonOptions<T> &
  (
    | {
        /** The handler's completion acks, its failure nacks. @default false */ readonly manualAck?: false
        readonly handle: (value: T, message: Message) => unknown
      }
    | {
        /** The handler answers each delivery itself; if it fails before, that is a nack. */ readonly manualAck: true
        readonly handle: (delivery: Delivery<T>, message: Message) => unknown
      }
  )

/** Subscribes at `options.broker`, which is not closed with it. Throws `bad_request` for a wrong option. */
export function createSubscription<T>(options: SubscriptionOptions<T>): Subscription {
  const { broker, topic, queue, clock, report, manualAck, handle, ...rest } = resolve(options)
  const ready = createDeferred()
  const handling = new Handling<T>({
    ...rest,
    topic,
    manual: manualAck,
    handle,
    fault: report,
  })
  const behavior = createFollowing({
    ...rest,
    broker,
    topic,
    clock,
    subscribe: queue === undefined ? {} : { queue },
    handling: handling.run,
    deliver: delivery => handling.deliver(delivery),
    subscribed: () => ready.resolve(),
    lost: (error, retryMs) => {
      ready.reject(error)
      report({ kind: 'subscription_lost', topic, error, retryMs })
    },
  })
  const actor = spawn(behavior, {
    name: `subscription of ${topic}`,
    clock,
    report: event => {
      report(event)
      if (event.kind === 'stopped') ready.reject(event.error ?? closedEarly(topic))
    },
  })
  const close = async (timeoutMs: number) => {
    actor.tell({ kind: 'drain' })
    const limit = timeout({ first: timeoutMs, scheduler: clock.scheduler, with: () => EMPTY })
    await lastValueFrom(handling.drain().pipe(limit), { defaultValue: undefined })
    if (handling.inFlight > 0)
      report({ kind: 'handlers_aborted', topic, error: stillRunning(topic, handling.inFlight, timeoutMs) })
    await actor.close()
  }
  let closing: Promise<void> | undefined
  return {
    state: phasesOf(actor, 'subscribing'),
    ready: ready.promise,
    get inFlight() {
      return handling.inFlight
    },
    deliver: delivery => handling.deliver(delivery),
    close: (timeoutMs = 10_000) => (closing ??= close(timeoutMs)),
    abort: error => actor.abort(error),
  }
}

/** The options with every default filled in; a handler takes whatever `manualAck` says it takes. */
interface ResolvedOptions<T> extends Required<Omit<CommonOptions<T>, 'queue'>> {
  readonly queue: string | undefined
  readonly manualAck: boolean
  readonly handle: (input: T | Delivery<T>, message: Message) => unknown
}

function resolve<T>(options: SubscriptionOptions<T>): ResolvedOptions<T> {
  const { decode, handle } = options as ResolvedOptions<T>
  return resolveOptions<ResolvedOptions<T>>('subscription', options as Partial<ResolvedOptions<T>>, {
    broker: given(options.broker),
    topic: text(options.topic),
    queue: given<string | undefined>(undefined),
    concurrency: count(1),
    decode: given(decode),
    manualAck: flag(false),
    handle: given(handle),
    clock: given<Clock>(systemClock),
    retryBaseMs: milliseconds(100),
    retryMaxMs: milliseconds(10_000),
    report: given<(event: SubscriptionReport) => void>(() => undefined),
  })
}

function closedEarly(topic: string): ServiceError {
  return new ServiceError(
    'unavailable',
    `topic ${topic}: closed before the broker had accepted the subscription`,
  )
}

function stillRunning(topic: string, handlers: number, timeoutMs: number): ServiceError {
  const what = handlers === 1 ? '1 handler' : `${handlers} handlers`
  return new ServiceError(
    'timeout',
    `topic ${topic}: ${what} still ran after ${timeoutMs} ms and were let go; the messages stay with the broker`,
  )
}
