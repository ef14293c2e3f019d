import type { Observable } from 'rxjs'
import type { Adapter } from './adapter.js'
import type { Delivery } from './delivery.js'
import type { ServiceError } from './errors.js'
import type { Source } from './exchange.js'
import type { Message } from './message.js'
import type { SharedStats } from './shared-stats.js'

/** What became of a message at one subscriber, or at one queue of them. */
export interface DeliveryReport {
  /** Who it went to: a node id where the broker knows it, else a name of the broker's own. */
  readonly subscriber: string
  /** Absent: the subscriber has it. `resource_exhausted`: its queue stayed full. `unavailable`: it cannot be reached. */
  readonly error?: ServiceError
}

/**
 * What became of a published stream at one subscriber, or at one queue of them. The four numbers add up to the messages that were published
 * while it was there.
 */
export interface StreamReport {
  /** Who it went to: a node id where the broker knows it, else a name of the broker's own. */
  readonly subscriber: string
  /** Messages that were acked. */
  readonly acked: number
  /** Messages that were nacked: their handler failed. */
  readonly nacked: number
  /** Messages that it certainly did not get, because it had no room for them in time or was gone. */
  readonly missed: number
  /** Messages that were sent and not answered: it may have handled them. */
  readonly unanswered: number
  /** The first thing that went wrong. Absent when all were acked. */
  readonly error?: ServiceError
}

/** Options of one publish. */
export interface PublishOptions {
  /**
   * How long to wait for subscribers that are behind, in milliseconds; in a stream, for each message. Default: an option of the broker (5,000).
   */
  readonly timeoutMs?: number
}

/** Options of one subscription. */
export interface SubscribeOptions {
  /** Subscribers of one queue share the messages, each goes to one of them. Without a queue each subscriber gets all. */
  readonly queue?: string
}

/** What a subscription tells, `subscribed` first. */
export type SubscriptionEvent =
  /** What is published from now on arrives. Emitted once, first. */
  { readonly kind: 'subscribed' } | { readonly kind: 'delivery'; readonly delivery: Delivery<Message> }

/** A topic as its publisher sees it, at one moment. */
export interface PublishedTopicStats {
  readonly topic: string
  /** To how many subscribers and queues its messages go. */
  readonly subscribers: number
  /** Messages that wait here for one of them to have room, added up: each has a bounded queue. */
  readonly waiting: number
}

/** Numbers of a broker at one moment, counted at this side of its connections. */
export interface BrokerStats {
  /** The topics that were published to of late. */
  readonly topics: readonly PublishedTopicStats[]
  /** Connections to subscribers that carry many messages and published streams at once. A call there is a message, a channel a published stream. */
  readonly toSubscribers: readonly SharedStats[]
  /** Those from publishers, at the listener of this broker. */
  readonly fromPublishers: readonly SharedStats[]
}

/** Carries messages from publishers to whoever subscribed to a topic. */
export interface Broker extends Adapter {
  /**
   * Publishes one message. Cold. Emits a report for each subscriber (or queue) as its outcome is known, then completes; with nobody listening it
   * completes at once. Each subscriber has a bounded queue of its own here: a full one delays only its own report, until `timeoutMs`. Errors only when
   * the message went to nobody because the broker itself cannot be reached (`unavailable`). Unsubscribing stops waiting for reports and drops what was not yet sent.
   */
  publish(topic: string, message: Message, options?: PublishOptions): Observable<DeliveryReport>

  /**
   * Publishes the messages of a source, in order. Cold. Each subscriber (or queue) that is there, or comes meanwhile, gets what is published from then on. The
   * source is read as fast as the slowest of them has room: pulled where it can be, else a bounded number of values waits. One that has no room for a message within
   * `timeoutMs` misses it, and holds up nobody until it has room again; when all are so far behind, each message waits so long. With nobody
   * listening messages go to nobody. Emits a report for each subscriber when it has left, or has answered everything behind the end (or nothing for
   * `timeoutMs`), then completes. Errors when the source does, behind the reports; when it pushes more than can wait (`resource_exhausted`); and when the broker cannot be
   * reached (`unavailable`). Unsubscribing closes the source and stops waiting; what was sent arrives.
   */
  publishAll(topic: string, messages: Source<Message>, options?: PublishOptions): Observable<StreamReport>

  /**
   * Subscribes to a topic. Cold. First value: `subscribed`; then deliveries, each to be acked or nacked; at most a window of them (an option of the
   * adapter) is unanswered at a time, and a slow consumer delays only itself. Never completes before the broker is closed. Errors `unavailable` when the
   * broker is lost: subscribe again. Unsubscribing ends it; unanswered deliveries are neither acked nor nacked, they stay with the broker.
   */
  subscribe(topic: string, options?: SubscribeOptions): Observable<SubscriptionEvent>

  /** Its numbers now. Absent: it has no connections of its own to count. */
  stats?(): BrokerStats
}
