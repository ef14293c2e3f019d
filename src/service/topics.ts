import { defer, filter, from, map, mergeMap, of, switchMap, tap, type Observable } from 'rxjs'
import { CallContext, metadataOf } from '../actors/call-context.js'
import { createSubscription, type Subscription } from '../actors/subscription.js'
import type { Broker } from '../streams/broker.js'
import type { Formats } from '../streams/codec.js'
import type { Context } from '../streams/context.js'
import { mapDelivery, type Delivery } from '../streams/delivery.js'
import type { TypeRef } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import { compose, type Middleware } from '../streams/exchange.js'
import { flowFrom } from '../streams/flow-from.js'
import { createFlow, type Flow } from '../streams/flow.js'
import type { Message } from '../streams/message.js'
import { count, flag, oneOf, resolveOptions, text } from '../streams/options.js'
import { streamOf } from '../streams/operators/work-result.js'
import { isPromiseLike } from '../streams/source.js'
import { formatOf } from './event-format.js'
import { eventOf, type PartEvent } from './events.js'
import type { LazyParts } from './lazy-parts.js'
import type { Launch } from './launch.js'
import {
  definitionOf,
  type SubscriberOptions,
  type SubscriberSpec,
  type TopicDefinition,
} from './subscribers.js'

/** A subscriber that runs: made by {@link startSubscriber}. */
export interface RunningSubscriber {
  readonly topic: string
  readonly subscription: Subscription
}

/** A subscriber as it will stand in the registry. Throws `bad_request` for a handler that is none, and for a wrong option. */
export function subscriberSpec(
  topic: string | TopicDefinition<unknown>,
  handler: SubscriberSpec['handler'],
  options: SubscriberSpec['options'] = {},
): SubscriberSpec {
  const definition = definitionOf(topic)
  if (typeof handler !== 'function') {
    throw new ServiceError(
      'bad_request',
      `topic ${definition.topic}: the handler is ${typeof handler}, not a function`,
    )
  }
  const owner = `subscriber of ${definition.topic}`
  resolveOptions<Record<keyof SubscriberSpec['options'], unknown>>(owner, options, {
    queue: text(''),
    concurrency: count(1),
    name: text(''),
    internal: flag(false),
    ack: oneOf('manual', 'manual'),
  })
  return { ...definition, name: options.name ?? (handler.name || definition.topic), options, handler }
}

/** Subscribes at the broker and handles what comes; its `ready` resolves when what is published from then on arrives. */
export function startSubscriber(spec: SubscriberSpec, launch: Launch): RunningSubscriber {
  return { topic: spec.topic, subscription: subscriptionOf(spec, launch) }
}

function subscriptionOf(spec: SubscriberSpec, { settings, parts, tell }: Launch): Subscription {
  const { topic, type, options } = spec
  const handle = withMiddleware(spec, settings.middleware.subscriber ?? [])
  const run = (input: unknown, message: Message) =>
    resultOf(handle, input, eventContext(settings.name, topic, message))
  const common = {
    broker: parts.broker,
    clock: settings.clock,
    topic,
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    concurrency: options.concurrency ?? settings.subscriberConcurrency,
    decode: (message: Message) => decodeEvent(parts.formats, topic, type, message),
    report: (event: PartEvent) => tell(eventOf(`subscription of ${topic}`, event)),
  }
  return createSubscription<unknown>({ ...common, manualAck: options.ack === 'manual', handle: run })
}

/** The events of a topic; each use subscribes at the broker. */
export function topicFlow<T>(
  lazy: LazyParts,
  topic: string | TopicDefinition<T>,
  { queue }: Pick<SubscriberOptions, 'queue'>,
): Flow<T> {
  const { topic: name, type } = definitionOf(topic)
  return createFlow(
    defer(() => from(lazy.parts())).pipe(
      switchMap(({ broker, formats }) =>
        messagesOf(broker, name, queue).pipe(
          map(delivery => decodeDelivery<T>(formats, name, type, delivery)),
          filter(delivery => delivery !== undefined),
        ),
      ),
    ),
  )
}

/** The messages of a topic as the broker delivers them. */
export function messagesOf(broker: Broker, topic: string, queue?: string): Observable<Delivery<Message>> {
  return broker
    .subscribe(topic, queue === undefined ? {} : { queue })
    .pipe(mergeMap(event => (event.kind === 'delivery' ? [event.delivery] : [])))
}

function decodeEvent(formats: Formats, topic: string, type: TypeRef | undefined, message: Message): unknown {
  const contentType = message.headers['Content-Type'] ?? ''
  try {
    return formatOf(formats, contentType).codec.decode(message.body, type)
  } catch (failure) {
    const cause = ServiceError.from(failure)
    throw new ServiceError('bad_request', `topic ${topic}: an event cannot be read: ${cause.detail}`, {
      cause,
    })
  }
}

/** A delivery that cannot be decoded is nacked, which its broker reports; the Flow goes on. */
function decodeDelivery<T>(
  formats: Formats,
  topic: string,
  type: TypeRef | undefined,
  delivery: Delivery<Message>,
): Delivery<T> | undefined {
  try {
    return mapDelivery(delivery, decodeEvent(formats, topic, type, delivery.value) as T)
  } catch (failure) {
    delivery.nack(ServiceError.from(failure))
    return undefined
  }
}

/** What a handler returned. One that is let go before it is done is told by the signal of its context. */
function resultOf(handle: Handle, input: unknown, context: CallContext): unknown {
  const result = handle(input, context)
  const stream = streamOf(result) ?? (isPromiseLike(result) ? from(result) : undefined)
  if (stream === undefined) return result
  const what = `${context.endpoint}: the subscription has ended`
  return stream.pipe(
    tap({ unsubscribe: () => context.abort(new ServiceError('cancelled', what, { id: context.service })) }),
  )
}

function streamed(result: unknown): Observable<unknown> {
  const stream = streamOf(result)
  if (stream !== undefined) return stream
  return isPromiseLike(result) ? from(result) : of(result)
}

function eventContext(service: string, topic: string, message: Message): CallContext {
  return new CallContext({
    service,
    endpoint: topic,
    side: 'subscriber',
    peer: undefined,
    metadata: () => metadataOf(message.headers),
    deadline: undefined,
  })
}

type Handle = (event: unknown, context: Context) => unknown

function withMiddleware({ handler }: SubscriberSpec, middleware: readonly Middleware[]): Handle {
  const handle = handler as Handle
  if (middleware.length === 0) return handle
  const exchange = compose(middleware)<unknown, unknown>((events, context) =>
    events.pipe(mergeMap(event => streamed(handle(event, context)))),
  )
  return (event, context) => exchange(flowFrom([event]), context)
}
