import type { Observable } from 'rxjs'
import type { ConnectionPoolStats } from '../actors/connection-pool.js'
import type { ServerStats } from '../actors/server.js'
import type { FlagValues } from '../flags.js'
import type { BrokerStats, DeliveryReport, StreamReport } from '../streams/broker.js'
import type { CallOptions, ClientOf, UntypedClient } from '../streams/client.js'
import type { ServiceDefinition } from '../streams/endpoint.js'
import type { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import type { Flow, Reply } from '../streams/flow.js'
import type { Registry, ServiceNode } from '../streams/registry.js'
import type { PickOptions } from '../streams/selector.js'
import type { HandleOptions, HandlersOf, UntypedHandlers } from '../streams/server.js'
import type { ServiceEvent } from './events.js'
import type { CloseOptions, OwnFlags } from './options.js'
import type { DeliveryHandler, EventHandler, SubscriberOptions, TopicDefinition } from './subscribers.js'

/** Where a service is in its life. `failed` and `closed` are final. */
export type ServiceState = 'idle' | 'starting' | 'running' | 'draining' | 'closed' | 'failed'

/** Numbers of a service at one moment. */
export interface ServiceStats {
  readonly state: ServiceState
  /** Absent while the service does not listen. */
  readonly server?: ServerStats
  /** The subscribers that run: how many events each handles now. Those that wait for it are unanswered at the broker, which bounds them. */
  readonly handlers: readonly { readonly topic: string; readonly inFlight: number }[]
  /** Connections to other nodes, by address, with the callers who wait for one (at most 65,536 in all), and with what waits and may be sent on each of the fast lane. */
  readonly connections: readonly ConnectionPoolStats[]
  /** What the broker has under way with others, once it is loaded; absent for a broker that has no connections of its own. */
  readonly broker?: BrokerStats
  /** Deadlines of calls that are under way, both ways. */
  readonly deadlines: number
}

/** Options of one publish. */
export interface PublishCallOptions extends Pick<CallOptions, 'metadata' | 'context' | 'contentType'> {
  /** How long to wait for subscribers that are behind, in milliseconds; in a stream, for each event. @default 5000 */
  readonly timeoutMs?: number
}

/** Options of a client of a definition. */
export interface ClientOptions {
  /**
   * Requests are checked by the schemas of the definition before they are sent, so that one that does not fit is `bad_request` without a call. What is sent
   * is the request as it was given: the server checks it again, and its schema's defaults and transformations are made there.
   * @default false
   */
  readonly checkRequests?: boolean
}

/** How `run` runs. */
export interface RunOptions extends CloseOptions {
  /** Ends the run as SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal
}

/** A service: it serves handlers and topics, and calls, streams with and publishes to others. */
export interface Service<F extends OwnFlags = OwnFlags> {
  readonly name: string
  /** The id of its node in the registry. */
  readonly id: string
  /** The values of the flags that the program declared. */
  readonly flags: FlagValues<F>
  /** The text of `--help`. */
  readonly help: string
  /** Where it listens, once it does: `host:port`. */
  readonly address: string | undefined

  /** Hot; the present state at once, then each change. Completes after `closed` or `failed`, never errors. Unsubscribing stops nothing. Emissions are synchronous, nothing queues. */
  readonly state: Observable<ServiceState>
  /** What nobody waits for. Hot; nothing is replayed. Completes when the service has ended, never errors. Unsubscribing stops nothing. Emissions are synchronous, nothing queues. */
  readonly events: Observable<ServiceEvent>
  /** Cold. A snapshot of the numbers at once and then every second. Completes when the service has ended, never errors. Unsubscribing stops its timer. A slow consumer is asked nothing: snapshots are taken when they are emitted. */
  readonly stats: Observable<ServiceStats>

  /** Adds handlers by their wire names, before the start. Throws `conflict` for a name that is taken, and when the service has started. */
  handle(handlers: UntypedHandlers, options?: HandleOptions): void
  /** Adds the handlers of a definition; the compiler asks for each. Throws as above. */
  handle<D extends ServiceDefinition>(definition: D, handlers: HandlersOf<D>, options?: HandleOptions): void

  /** Handles the events of a topic while the service runs. The event is acked when the handler is done. To be called before the start. */
  subscribe<T = unknown>(
    topic: string | TopicDefinition<T>,
    handler: EventHandler<T>,
    options?: SubscriberOptions & { readonly ack?: never },
  ): void
  /** The same with deliveries that the handler acks or nacks itself. */
  subscribe<T = unknown>(
    topic: string | TopicDefinition<T>,
    handler: DeliveryHandler<T>,
    options: SubscriberOptions & { readonly ack: 'manual' },
  ): void

  /** The events of a topic as a Flow, at any time. Cold: each use subscribes at the broker. It errors `unavailable` when the broker is lost. */
  topic<T = unknown>(topic: string | TopicDefinition<T>, options?: Pick<SubscriberOptions, 'queue'>): Flow<T>

  /**
   * Publishes one event. Awaited, it resolves when every subscriber has taken it or could not, with a report for each. An array is one event; a stream of
   * events is for `publishAll`.
   */
  publish<T>(
    topic: string | TopicDefinition<T>,
    event: T,
    options?: PublishCallOptions,
  ): Reply<readonly DeliveryReport[]>

  /**
   * Publishes the events of a source, in order, as fast as the slowest subscriber answers them (see {@link Broker.publishAll}). Awaited, it resolves when the source
   * has ended and all subscribers have answered, with a report for each; errors when the source does. Cold: each subscription reads the source anew, and
   * unsubscribing closes it. A slow subscriber slows the source; one that has no room for `timeoutMs` misses events, and its report says how many.
   */
  publishAll<T>(
    topic: string | TopicDefinition<T>,
    events: Source<T>,
    options?: PublishCallOptions,
  ): Reply<readonly StreamReport[]>

  /** A client of another service by name. */
  client(name: string): UntypedClient
  /** A client with a method for each endpoint of the definition. */
  client<D extends ServiceDefinition>(definition: D, name: string, options?: ClientOptions): ClientOf<D>

  /**
   * The nodes of a service as they come and go. Hot: emits the present ones at once when they are known, then each change. Completes when the service is
   * closed; errors `unavailable` when the registry stays out of reach. Unsubscribing ends the watch after a while. A slow consumer sees the latest, nothing queues.
   */
  discover(name: string, options?: Pick<PickOptions, 'filter'>): Observable<readonly ServiceNode[]>

  /**
   * The registry that this service uses, loaded when it is first asked for: to list services, and to look up, watch or register others. It belongs to the
   * service, which closes it. Rejects when it cannot be loaded, and with `unavailable` when the service has been closed.
   */
  registry(): Promise<Registry>

  /** Listens, subscribes and registers. Rejects with what failed, after what was done has been undone. May be called again: all calls share one promise. */
  start(): Promise<void>
  /** Starts, waits for SIGINT, SIGTERM or `signal`, and closes. With `--help` it prints the help and does nothing else. */
  run(options?: RunOptions): Promise<void>
  /** Stops in order. May be called at any time and more than once: all calls share one promise. */
  close(options?: CloseOptions): Promise<void>
  /** Ends now: what is under way fails with `error`. */
  abort(error: ServiceError): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
