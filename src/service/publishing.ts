import { Subscription, isObservable, type Observable } from 'rxjs'
import { checkMetadata } from '../actors/client/check-options.js'
import type { DeliveryReport, PublishOptions, StreamReport } from '../streams/broker.js'
import type { Clock } from '../streams/clock.js'
import type { Formats } from '../streams/codec.js'
import type { TypeRef } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { createReply, type Reply, type ReplyObserver } from '../streams/flow.js'
import { subscribeFor } from '../streams/linked.js'
import { mapSource } from '../streams/map-source.js'
import type { Message } from '../streams/message.js'
import { toSource } from '../streams/source.js'
import type { Cancel } from '../streams/transport.js'
import { formatOf } from './event-format.js'
import type { LazyParts } from './lazy-parts.js'
import type { Parts } from './parts.js'
import type { PublishCallOptions } from './service-types.js'
import type { ServiceSettings } from './settings.js'
import { subscribedEarly } from './subscribed-early.js'
import { definitionOf, type TopicDefinition } from './subscribers.js'

/** Publishes one event: encoded once, whoever gets it. */
export function publish<T>(
  lazy: LazyParts,
  settings: ServiceSettings,
  topic: string | TopicDefinition<T>,
  event: T,
  options: PublishCallOptions,
): Reply<readonly DeliveryReport[]> {
  const { topic: name, type } = definitionOf(topic)
  return createReply(observer =>
    collect<DeliveryReport>(lazy, observer, ({ broker, formats }) => {
      refuseSource(name, event)
      const encode = encoderOf(settings, formats, type, options)
      return broker.publish(name, encode(event), publishOptions(options, settings.clock))
    }),
  )
}

/** Publishes the events of a source: each encoded once, whoever gets it. */
export function publishAll<T>(
  lazy: LazyParts,
  settings: ServiceSettings,
  topic: string | TopicDefinition<T>,
  events: Source<T>,
  options: PublishCallOptions,
): Reply<readonly StreamReport[]> {
  const { topic: name, type } = definitionOf(topic)
  return createReply(observer => {
    const early = subscribedEarly(sourceOf(name, events))
    const open = ({ broker, formats }: Parts) => {
      const messages = mapSource(early.source, encoderOf(settings, formats, type, options))
      return broker.publishAll(name, messages, publishOptions(options, settings.clock))
    }
    return collect<StreamReport>(lazy, observer, open, () => early.stop())
  })
}

/** Runs an operation of the broker, at once where the parts are there, and answers with all that it reports; `over` is called behind it, also when it was cancelled. */
function collect<R>(
  lazy: LazyParts,
  observer: ReplyObserver<readonly R[]>,
  open: (parts: Parts) => Observable<R>,
  over?: () => void,
): Cancel {
  const reports: R[] = []
  const running = new Subscription(over)
  const failed = (failure: unknown) => {
    running.unsubscribe()
    observer.fail(ServiceError.from(failure))
  }
  const start = (parts: Parts) => {
    if (running.closed) return
    let operation: Observable<R>
    try {
      operation = open(parts)
    } catch (failure) {
      return failed(failure)
    }
    subscribeFor(running, operation, {
      next: report => void reports.push(report),
      error: failed,
      complete: () => {
        running.unsubscribe()
        observer.answer(reports)
      },
    })
  }
  lazy.withParts(start, failure => {
    if (!running.closed) failed(failure)
  })
  return () => running.unsubscribe()
}

function sourceOf<T>(topic: string, events: Source<T>): Source<T> {
  try {
    return toSource(events)
  } catch (cause) {
    const what = 'published events are an Observable, an async iterable or an iterable'
    throw new ServiceError('bad_request', `topic ${topic}: ${what}, not ${typeof events}`, { cause })
  }
}

/** No codec can write a source, so that an event is one is a mistake. An array is an event like any other. */
function refuseSource(topic: string, event: unknown): void {
  if (typeof event !== 'object' || event === null) return
  if (!isObservable(event) && !(Symbol.asyncIterator in event)) return
  throw new ServiceError('bad_request', `topic ${topic}: the event is a stream of events; use publishAll`)
}

/** As long as the caller says, and not longer than the call goes in which it publishes. */
function publishOptions(
  { timeoutMs, context }: PublishCallOptions,
  { scheduler }: Clock,
): PublishOptions | undefined {
  const left = context?.deadline === undefined ? Infinity : Math.max(0, context.deadline - scheduler.now())
  const shortest = Math.min(timeoutMs ?? Infinity, left)
  return shortest === Infinity ? undefined : { timeoutMs: shortest }
}

/** Makes events messages. Throws `bad_request` for wrong options at once, and for an event that cannot be encoded. */
function encoderOf(
  settings: ServiceSettings,
  formats: Formats,
  type: TypeRef | undefined,
  { metadata, context, contentType }: PublishCallOptions,
): (event: unknown) => Message {
  if (metadata !== undefined) checkMetadata(metadata)
  const wanted = contentType ?? (type === undefined ? settings.contentType : 'application/protobuf')
  const { codec } = formatOf(formats, wanted)
  const headers = {
    'X-Micro-From-Service': settings.name,
    ...context?.metadata,
    ...metadata,
    'Content-Type': wanted,
  }
  return event => ({ headers, body: codec.encode(event, type) })
}
