import type { Observable } from 'rxjs'
import type { Adapter } from './adapter.js'
import type { Delivery } from './delivery.js'
import type { ServiceError } from './errors.js'
import type { Message } from './message.js'
import type { SharedStats } from './shared-stats.js'

/** Ends something that was started. May be called at any time and more than once. */
export type Cancel = () => void

/** Where the outcome of {@link Link.request} goes: exactly one of the two is called, at most once, never synchronously within `request`. */
export interface ReplySink {
  reply(message: Message): void
  /** `sent` is false only when the peer certainly did not see the request. */
  fail(error: ServiceError, sent: boolean): void
  /**
   * The peer has become suspect (see {@link Link.suspect}) while the request is under way. Comes at most once for each time; the outcome still follows unless the
   * request is cancelled. Not called where a link has no such thing.
   */
  suspected?(): void
}

/**
 * Two streams of messages, one each way, that do not wait for each other.
 *
 * A receiver holds at most a *window* of unanswered deliveries; answering is asking for more. A sender sends at most what
 * `demand` allowed.
 */
export interface Channel {
  /** The address of the other side. */
  readonly peer: string

  /**
   * What the peer sends. Single subscriber at a time, a second one is an error; messages that arrive without one wait, up to the window.
   * First value: the oldest message that waits, at once. Completes when the peer has ended its direction; errors `unavailable` when
   * the connection broke, `bad_request` when the peer broke the protocol, or with the error of a local `abort`. Unsubscribing leaves the channel open. A slow consumer
   * (acks missing) stops the peer; both ack and nack count as answered.
   */
  readonly incoming: Observable<Delivery<Message>>

  /**
   * How many more messages may be sent. Single subscriber. First value: what may be sent now, at once (0 when nothing may); then increments. Completes
   * after `end` and when the channel is closed; never errors. Unsubscribing changes nothing. Emits at most once for each message sent.
   */
  readonly demand: Observable<number>

  /**
   * Emits nothing. Replays the end: completes when both directions have ended or the channel was aborted on this side, errors when the connection broke.
   */
  readonly closed: Observable<never>

  /** Queues a message to go out. Throws when demand does not allow it or after `end`: that is a bug of the caller. After the channel is closed it does nothing. */
  send(message: Message): void

  /** Nothing more will be sent; what was sent still goes out, and reading goes on. May be called more than once. */
  end(): void

  /** Closes both directions now and tells the peer as the wire can. What was not yet written is lost. */
  abort(error: ServiceError): void

  /**
   * From now on tells the peer, with each message, to start nothing further here (on HTTP: `Connection: close`). What is under way goes on;
   * who called this ends the channel when it is done.
   */
  retire(): void
}

/** One connection to a server. */
export interface Link {
  /** The address it was dialled at. */
  readonly peer: string

  /**
   * True on a wire that carries many calls and channels at once: a channel takes one place and leaves the rest.
   * @default false
   */
  readonly shared?: boolean

  /**
   * True on a wire that only headrace speaks: calls travel in the bare dialect.
   * @default false
   */
  readonly bare?: boolean

  /** How many more requests and channels it can take now: 1 or 0 on go-micro's wire, more on a multiplexed one. 0 for good after `retire` and when closed. */
  readonly room: number

  /**
   * One message there, one back: the callback-sized form of a channel for unary calls. Takes one place of `room`, free again before the sink is
   * called. Throws when there is no room: that is a bug of the caller. The returned function cancels: the peer is told as the wire can, the sink is not
   * called any more.
   */
  request(message: Message, sink: ReplySink): Cancel

  /** A channel to the peer. Takes one place of `room` until it is closed. Throws when there is no room. */
  open(): Channel

  /** Emits nothing. Completes when the connection is gone, for whatever reason. Replays. Never errors: those who wait hear why. */
  readonly closed: Observable<never>

  /**
   * Whether the peer is suspect: it does not answer, and the connection is not given up yet. Hot; the first value at once, then each change: `true` when it has not
   * answered in time, `false` as soon as it is heard of again. Completes before `closed`, with the last value standing; never errors. Unsubscribing changes nothing. Emissions are synchronous, nothing queues.
   * Absent on a wire that cannot ask.
   */
  readonly suspect?: Observable<boolean>

  /** The numbers of this moment. Looks at every call and channel: for now and then. Absent on a wire that carries one call at a time; nothing before the connection is there. */
  stats?(): SharedStats | undefined

  /** Takes nothing new and closes when what is under way is done. */
  retire(): void

  /** Closes now; what is under way fails with `error`. */
  abort(error: ServiceError): void
}

/** A call that came on a {@link SharedConnection}: one message, which wants one message back. */
export interface IncomingCall {
  /** The address of the caller. */
  readonly peer: string
  readonly message: Message
  /** Sends the answer; the first one counts. Nothing happens when the caller has gone. Never throws: an answer that the caller cannot take tells it so. */
  answer(message: Message): void
}

/** What runs for an {@link IncomingCall}: `cancel` is called when nobody waits for the answer any more, and not after it. */
export interface ServedCall {
  cancel(reason: ServiceError): void
}

/** A connection that carries many calls and channels at once, at the side that listens. */
export interface SharedConnection {
  /** The address of the other side. */
  readonly peer: string
  /** The origin of the web page at the other side, such as `https://shop.example`; none for every other peer. */
  readonly origin?: string | undefined
  /** Hands calls to `serve` from now on, without a channel for each. Until then each call arrives as a channel. */
  serveCalls(serve: (call: IncomingCall) => ServedCall): void
  /** The numbers of this moment. Looks at every call and channel: for now and then. */
  stats?(): SharedStats | undefined
  /** Emits nothing. Completes when the connection is gone, for whatever reason. Replays. Never errors. */
  readonly closed: Observable<never>
  /** Takes nothing new, tells the peer which was the last that it took, and closes when what is under way is done. */
  retire(): void
  /** Closes now; what is under way is cancelled with `error`. */
  abort(error: ServiceError): void
}

/** What a listener tells, `listening` first. */
export type ListenEvent =
  /** Bound. `address` is the real `host:port`. Emitted once, first. */
  | { readonly kind: 'listening'; readonly address: string }
  /** A peer connected, or opened one more channel. One channel carries one exchange after another on wires that have one channel per connection. */
  | { readonly kind: 'channel'; readonly channel: Channel; readonly connection?: SharedConnection }
  /** A peer connected on a wire that carries many calls and channels; each channel it opens follows as an event of its own. */
  | { readonly kind: 'connection'; readonly connection: SharedConnection }

/** Carries messages between processes. */
export interface Transport extends Adapter {
  /** How many calls one link carries at once: 1 on go-micro's wire. Tells a pool how many links to dial. */
  readonly callsPerLink: number

  /** What a listener of this transport offers beyond its usual wire: it goes into the metadata of the node as `headrace`, for those who dial. @default nothing */
  readonly offers?: string

  /** How many calls a link carries to a node that offers this. @default as `callsPerLink` says */
  callsPerLinkTo?(offers: string): number

  /**
   * Connects to `host:port`. Cold. Emits one link, which from then on belongs to the subscriber, and completes. Errors: `unavailable` (refused,
   * unreachable, name unknown, handshake failed), `timeout`, `bad_request` for an address that is none. Unsubscribing before the link was emitted leaves no socket behind.
   * `offers` is what the node says that it offers: only then is anything else than the usual wire tried.
   */
  dial(address: string, offers?: string): Observable<Link>

  /**
   * Accepts connections at `host:port` (port 0: any free one; `host:5000-6000`: the first free one of a range; an empty host: all interfaces). Cold. First value: `listening`. Never completes before the
   * transport is closed. Errors: `conflict` when the port is taken, `bad_request` for an address that is none, `forbidden` when it may not be bound. Unsubscribing stops accepting;
   * channels that were emitted stay as they are: they belong to who got them. A connection beyond the limit of the adapter is closed at once and reported in `events`.
   */
  listen(address: string): Observable<ListenEvent>
}
