import { Observable, Subject, asapScheduler, defer, merge, mergeMap, subscribeOn, takeUntil, tap } from 'rxjs'
import {
  ServiceError,
  count,
  given,
  milliseconds,
  resolveOptions,
  systemClock,
  type Broker,
  type Clock,
  type DeliveryReport,
  type Message,
  type PublishOptions,
  type Source,
  type StreamReport,
  type SubscribeOptions,
  type SubscriptionEvent,
} from '../../streams/index.js'
import { DeliveryQueue } from '../delivery-queue.js'
import { EventSource } from '../event-source.js'
import { PublishedStream } from '../published-stream.js'
import type { Group } from './memory/group.js'
import { GroupOutlet } from './memory/group-outlet.js'
import { BrokerHub } from './memory/hub.js'
import { Subscriber } from './memory/member.js'

export type { BrokerHub }

/** Options of {@link memory}. */
export interface MemoryBrokerOptions {
  /** Handles with the same hub reach each other. @default a hub of its own */
  readonly hub?: BrokerHub
  /** How many deliveries of one subscription may be unanswered. @default 1_024 */
  readonly window?: number
  /** How many messages of this handle may wait for one subscriber or queue. @default 1_024 */
  readonly queueSize?: number
  /** How long a publish waits for subscribers that are behind, unless it says so itself. @default 5_000 */
  readonly publishTimeoutMs?: number
  /** Measures that time. @default the machine's clock */
  readonly clock?: Clock
}

/** Makes the place where memory brokers meet. */
export function createBrokerHub(): BrokerHub {
  return new BrokerHub()
}

/**
 * A broker inside one process, and the reference for all others: it delivers asynchronously (in a microtask), copies every
 * message, and bounds what waits. A nacked message is reported as a `fault` event and not delivered again.
 *
 * ```ts
 * const hub = createBrokerHub()
 * const [one, other] = [memory({ hub }), memory({ hub })]
 * ```
 */
export function memory(options?: MemoryBrokerOptions): Broker {
  return new MemoryBroker(
    resolveOptions<Required<MemoryBrokerOptions>>('memory broker', options, {
      hub: given(options?.hub ?? createBrokerHub()),
      window: count(1_024),
      queueSize: count(1_024),
      publishTimeoutMs: milliseconds(5_000),
      clock: given(systemClock),
    }),
  )
}

class MemoryBroker implements Broker {
  readonly name = 'memory'
  private readonly told: EventSource
  readonly events
  private readonly queues = new Map<Group, DeliveryQueue<Message>>()
  private readonly streams = new Set<PublishedStream<Message>>()
  private readonly ending = new Subject<void>()
  private closing: Promise<void> | undefined

  constructor(private readonly options: Required<MemoryBrokerOptions>) {
    this.told = new EventSource(this.name, options.clock)
    this.events = this.told.events
  }

  publish(topic: string, message: Message, options?: PublishOptions): Observable<DeliveryReport> {
    const timeoutMs = this.timeoutOf(options)
    return defer(() => {
      this.check()
      const copy = { headers: { ...message.headers }, body: new Uint8Array(message.body) }
      const groups = this.options.hub.groups(topic)
      return merge(...groups.map(group => this.offer(group, copy, timeoutMs)))
    })
  }

  publishAll(topic: string, source: Source<Message>, options?: PublishOptions): Observable<StreamReport> {
    const { hub, queueSize, clock } = this.options
    const timeoutMs = this.timeoutOf(options)
    return new Observable<StreamReport>(subscriber => {
      this.check()
      const sizeOf = ({ body }: Message) => body.byteLength
      const stream = new PublishedStream({ source, sizeOf, timeoutMs, clock }, subscriber)
      const join = (group: Group) =>
        void stream.join(group.name, events => new GroupOutlet(group, queueSize, events))
      this.streams.add(stream)
      const fail = (error: ServiceError) => stream.fail(error)
      const following = merge(hub.joined(topic).pipe(tap(join)), hub.disconnected.pipe(tap(fail))).subscribe({
        error: fail,
      })
      hub.groups(topic).forEach(join)
      stream.start()
      return () => {
        this.streams.delete(stream)
        following.unsubscribe()
        stream.stop()
      }
    })
  }

  subscribe(topic: string, options?: SubscribeOptions): Observable<SubscriptionEvent> {
    const { hub } = this.options
    const lost = hub.disconnected.pipe(
      mergeMap((error): never => {
        throw error
      }),
    )
    return defer(() => {
      this.check()
      return merge(this.join(topic, options?.queue), lost).pipe(takeUntil(this.ending))
    }).pipe(subscribeOn(asapScheduler))
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    await Promise.resolve() // a subscriber may close from inside a delivery, and must not meet its end inside it
    this.ending.next()
    this.ending.complete()
    const closed = new ServiceError(
      'unavailable',
      'memory broker: it was closed before the subscriber had room',
    )
    for (const queue of this.queues.values()) queue.fail(closed)
    for (const stream of this.streams) stream.fail(closed)
    this.queues.clear()
    this.told.complete()
  }

  private timeoutOf(options: PublishOptions | undefined): number {
    return resolveOptions<Required<PublishOptions>>('publish', options, {
      timeoutMs: milliseconds(this.options.publishTimeoutMs),
    }).timeoutMs
  }

  private check(): void {
    if (this.closing !== undefined) throw new ServiceError('unavailable', 'memory broker: it is closed')
    this.options.hub.check()
  }

  private offer(group: Group, message: Message, timeoutMs: number): Observable<DeliveryReport> {
    return new Observable<DeliveryReport>(subscriber => {
      const queue = this.queueTo(group)
      const giveUp = queue.offer(message, timeoutMs, error => {
        subscriber.next({ subscriber: group.name, ...(error === undefined ? {} : { error }) })
        subscriber.complete()
      })
      group.feed(queue)
      return () => {
        giveUp()
        if (queue.size === 0) this.queues.delete(group)
      }
    })
  }

  private queueTo(group: Group): DeliveryQueue<Message> {
    const { queueSize: limit, clock } = this.options
    const queue = this.queues.get(group) ?? new DeliveryQueue({ subscriber: group.name, limit, clock })
    this.queues.set(group, queue)
    return queue
  }

  private join(topic: string, queue: string | undefined): Observable<SubscriptionEvent> {
    return new Observable(subscriber => {
      const group = this.options.hub.join(topic, queue)
      const member = new Subscriber(
        group,
        this.options.window,
        delivery => subscriber.next({ kind: 'delivery', delivery }),
        error => this.told.fault(error),
      )
      group.add(member)
      subscriber.next({ kind: 'subscribed' })
      return () => member.leave()
    })
  }
}
