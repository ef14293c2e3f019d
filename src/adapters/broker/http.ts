import { randomUUID } from 'node:crypto'
import { Subject, defer, takeUntil, type Observable } from 'rxjs'
import {
  ServiceError,
  milliseconds,
  resolveOptions,
  type Broker,
  type BrokerStats,
  type DeliveryReport,
  type Message,
  type PublishOptions,
  type Source,
  type StreamReport,
  type SubscribeOptions,
  type SubscriptionEvent,
} from '../../streams/index.js'
import { EventSource } from '../event-source.js'
import { DeliveryLinks } from './http/delivery-links.js'
import { Lanes } from './http/lanes.js'
import { resolveBrokerOptions, type HttpBrokerOptions, type ResolvedBrokerOptions } from './http/options.js'
import { Poster } from './http/poster.js'
import { Publisher } from './http/publisher.js'
import { Subscriptions } from './http/subscriptions.js'

export type { BrokerTlsOptions, HttpBrokerOptions } from './http/options.js'

/**
 * A broker without a server between: publishers post to subscribers, whom they find through a registry. It speaks the wire of
 * go-micro's HTTP broker (PROTOCOL section 11), both ways.
 *
 * A POST is answered when its message was acked or nacked. A publisher sends a subscriber its POSTs in order over one connection, so
 * many before the first is answered (`pipelining`); the others wait in a queue for that subscriber. So a slow subscriber fills its own
 * queue at the publisher and slows nobody else. A nacked message is a `fault` event here and is not delivered again; go-micro's
 * publishers do not read answers. When a connection is lost, what was sent and not answered is reported as `unavailable`; what was not sent
 * goes over another connection, or to another member of the queue.
 *
 * ```ts
 * const broker = http({ registry })
 * broker.subscribe('events').subscribe(event => event.kind === 'delivery' && event.delivery.ack())
 * ```
 */
export function http(options: HttpBrokerOptions): Broker {
  return new HttpBroker(resolveBrokerOptions(options, `broker-${randomUUID()}`))
}

class HttpBroker implements Broker {
  readonly name = 'http'
  private readonly told: EventSource
  readonly events
  private readonly poster: Poster
  private readonly links: DeliveryLinks
  private readonly publisher: Publisher
  private readonly subscriptions: Subscriptions
  private readonly ending = new Subject<void>()
  private closing: Promise<void> | undefined

  constructor(private readonly options: ResolvedBrokerOptions) {
    this.told = new EventSource(this.name, options.clock)
    this.events = this.told.events
    this.poster = new Poster(options)
    const fault = (error: ServiceError) => this.told.fault(error)
    this.links = new DeliveryLinks({ ...options, fault, notice: text => this.told.notice(text) })
    const lanes = new Lanes(this.poster, this.links)
    this.publisher = new Publisher({ ...options, lanes, links: this.links, fault })
    this.subscriptions = new Subscriptions(options, this.told)
  }

  publish(topic: string, message: Message, options?: PublishOptions): Observable<DeliveryReport> {
    const timeoutMs = this.timeoutOf(options)
    return defer(() => {
      this.check()
      return this.publisher.publish(topic, message, timeoutMs)
    })
  }

  publishAll(topic: string, messages: Source<Message>, options?: PublishOptions): Observable<StreamReport> {
    const timeoutMs = this.timeoutOf(options)
    return defer(() => {
      this.check()
      return this.publisher.publishAll(topic, messages, timeoutMs)
    })
  }

  subscribe(topic: string, options?: SubscribeOptions): Observable<SubscriptionEvent> {
    return defer(() => {
      this.check()
      return this.subscriptions.open(topic, options?.queue).pipe(takeUntil(this.ending))
    })
  }

  stats(): BrokerStats {
    return {
      topics: this.publisher.stats(),
      toSubscribers: this.links.stats(),
      fromPublishers: this.subscriptions.stats(),
    }
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    await Promise.resolve() // a subscriber may close from inside a delivery, and must not meet its end inside it
    this.ending.next()
    this.ending.complete()
    this.publisher.close()
    this.poster.close()
    const links = this.links.close(new ServiceError('unavailable', 'http broker: it was closed'))
    await Promise.all([this.subscriptions.left(), links])
    this.told.complete()
  }

  private timeoutOf(options: PublishOptions | undefined): number {
    if (options === undefined) return this.options.publishTimeoutMs
    return resolveOptions<Required<PublishOptions>>('publish', options, {
      timeoutMs: milliseconds(this.options.publishTimeoutMs),
    }).timeoutMs
  }

  private check(): void {
    if (this.closing !== undefined) throw new ServiceError('unavailable', 'http broker: it is closed')
  }
}
