import { Observable, map } from 'rxjs'
import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { DeliveryReport } from '../streams/broker.js'
import type { CallOptions } from '../streams/client.js'
import type { Clock } from '../streams/clock.js'
import type { Formats } from '../streams/codec.js'
import { mapDelivery } from '../streams/delivery.js'
import type { TypeRef } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import { createFlow, createReply, deliveriesOf, type Flow, type Reply } from '../streams/flow.js'
import { subscribeFor } from '../streams/linked.js'
import { backoff } from '../streams/operators/backoff.js'
import {
  fromPageEvent,
  pageEndpoints,
  pageServiceKey,
  toPageEvent,
  type PageEvent,
  type PageNode,
  type PageReport,
} from '../wire/pages.js'

/** A client whose calls say which service they are for. */
export function throughService(client: Client): Client {
  const named = ({ service }: CallTarget, options: CallOptions = {}): CallOptions => ({
    ...options,
    metadata: { ...options.metadata, [pageServiceKey]: service },
  })
  return {
    unary: (target, request, options) => client.unary(target, request, named(target, options)),
    collect: (target, requests, options) => client.collect(target, requests, named(target, options)),
    stream: (target, requests, options) => client.stream(target, requests, named(target, options)),
  }
}

/** The kinds of errors behind which the connection may come back. */
const passing: readonly string[] = ['unavailable', 'timeout']

/** What the service does for a page besides calls. */
export class ConnectedService {
  constructor(
    private readonly url: string,
    private readonly client: Client,
    private readonly formats: Formats,
    private readonly clock: Clock,
  ) {}

  discover(service: string): Observable<readonly PageNode[]> {
    return openedAgain(this.stream(pageEndpoints.discover, { service }), this.clock)
  }

  topic<T>(topic: string, type: TypeRef<T> | undefined): Flow<T> {
    const deliveries = deliveriesOf<PageEvent>(this.stream<PageEvent>(pageEndpoints.subscribe, { topic }))
    if (deliveries === undefined) throw new ServiceError('internal', 'a client gave a stream that is no Flow')
    return createFlow(
      deliveries.pipe(map(delivery => mapDelivery(delivery, this.decode<T>(topic, delivery.value, type)))),
    )
  }

  publish<T>(
    topic: string,
    event: T,
    type: TypeRef<T> | undefined,
    options: CallOptions,
  ): Reply<readonly DeliveryReport[]> {
    return createReply(observer => {
      const { contentType = type === undefined ? 'application/json' : 'application/protobuf' } = options
      const { metadata, ...rest } = options
      const body = this.codec(contentType).encode(event, type)
      const request = {
        topic,
        event: toPageEvent({ headers: { 'Content-Type': contentType }, body }, metadata ?? {}),
      }
      const answer = this.client.unary<readonly PageReport[]>(
        this.target(pageEndpoints.publish, 'unary'),
        request,
        {
          ...rest,
          contentType: 'application/json',
        },
      )
      const subscription = answer.subscribe({
        next: reports => observer.answer(reports.map(reportOf)),
        error: error => observer.fail(ServiceError.from(error)),
      })
      return () => subscription.unsubscribe()
    })
  }

  private stream<O>(name: string, request: unknown): Flow<O> {
    return this.client.stream<O>(this.target(name, 'serverStream'), [request])
  }

  private target(name: string, cardinality: 'unary' | 'serverStream'): CallTarget {
    return { service: this.url, definition: { name, cardinality } }
  }

  private decode<T>(topic: string, event: PageEvent, type: TypeRef<T> | undefined): T {
    const { body } = fromPageEvent(event)
    try {
      return this.codec(event.contentType).decode(body, type) as T
    } catch (failure) {
      const cause = ServiceError.from(failure)
      throw new ServiceError('bad_request', `topic ${topic}: an event cannot be read: ${cause.detail}`, {
        cause,
      })
    }
  }

  private codec(contentType: string) {
    const format = this.formats.get(contentType)
    if (format !== undefined) return format.bare.codec
    const known = [...this.formats.keys()].join(', ')
    throw new ServiceError('bad_request', `Unsupported Content-Type: ${contentType}; known are ${known}`)
  }
}

/** A stream that is opened again, with back-off, when the connection was lost. Not `retry`: with what it needs it would be a twentieth of a page's bundle. */
function openedAgain<T>(stream: Observable<T>, clock: Clock): Observable<T> {
  const wait = backoff({ clock })
  return new Observable(subscriber => {
    let failures = 0
    const complete = () => subscriber.complete()
    const open = () =>
      subscribeFor(subscriber, stream, {
        next: value => {
          failures = 0
          subscriber.next(value)
        },
        error: failure => {
          if (!passing.includes(ServiceError.from(failure).kind)) return subscriber.error(failure)
          failures += 1
          pause(wait(failure, failures))
        },
        complete,
      })
    const pause = (time: Observable<unknown>) =>
      subscribeFor(subscriber, time, {
        next: open,
        error: failure => subscriber.error(failure),
        complete: () => undefined,
      })
    open()
  })
}

function reportOf({ subscriber, error }: PageReport): DeliveryReport {
  return error === undefined ? { subscriber } : { subscriber, error: ServiceError.fromWire(error) }
}
