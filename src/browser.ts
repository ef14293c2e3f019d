import { Subject, type Observable } from 'rxjs'
import { createClient, type Client } from './actors/client.js'
import type { Deadlines } from './actors/deadlines.js'
import { json } from './adapters/codec/json.js'
import { protobuf } from './adapters/codec/protobuf.js'
import { bareFormats } from './browser/bare-formats.js'
import { dialler } from './browser/dial.js'
import { PageConnection, type ConnectionState } from './browser/page-connection.js'
import { oneNode } from './browser/one-node.js'
import { resolveBrowserClientOptions, type BrowserClientOptions } from './browser/options.js'
import { ConnectedService, throughService } from './browser/page-client.js'
import { timerDeadlines } from './browser/timer-deadlines.js'
import { typedClient, untypedClient } from './service/client-facade.js'
import type { DeliveryReport } from './streams/broker.js'
import type { CallOptions, ClientOf, UntypedClient } from './streams/client.js'
import type { ServiceDefinition, TypeRef } from './streams/endpoint.js'
import { ServiceError } from './streams/errors.js'
import type { Flow, Reply } from './streams/flow.js'
import { fullJitter } from './streams/operators/backoff.js'
import type { PageNode } from './wire/pages.js'

export { defineService, rpc } from './streams/define-service.js'
export { ServiceError } from './streams/errors.js'
export { backoff } from './streams/operators/backoff.js'
export { bounded } from './streams/operators/bounded.js'
export { work } from './streams/operators/work.js'
export type { ConnectionState } from './browser/page-connection.js'
export type { BrowserClientOptions } from './browser/options.js'
export type { WebSocketLike } from './browser/web-socket-pipe.js'
export type { Flow, Reply } from './streams/flow.js'
export type { PageNode } from './wire/pages.js'

/** A topic with the type of its events, for `topic` and `publish`. */
export interface PageTopic<T> {
  readonly topic: string
  /** Absent: the events are JSON. */
  readonly type?: TypeRef<T>
}

/** What one publish may ask for. */
export type PublishOptions = Pick<CallOptions, 'metadata' | 'contentType' | 'timeoutMs' | 'signal'>

/** What a page has of the services behind the one that it is connected to. All of it shares one WebSocket, which is opened when it is needed and again when it was lost. */
export interface BrowserClient {
  /** A client of a service by name: endpoints by their wire names, in JSON. */
  client(name: string): UntypedClient
  /** A client with a method for each endpoint of a definition. */
  client<D extends ServiceDefinition>(definition: D, name: string): ClientOf<D>
  /**
   * The nodes of a service as they come and go. Cold: each subscription is a stream of its own. First value: the present list; then each change. Never completes before the client is
   * closed; a lost connection is made anew, with back-off. Errors `forbidden` when the service does not open it. Unsubscribing ends the stream. A slow consumer stops the service, which then
   * skips nothing.
   */
  discover(name: string): Observable<readonly PageNode[]>
  /**
   * The events of a topic. Cold: each use subscribes. First value: what is published from then on. Errors `unavailable` when the connection or the broker is lost, since events may have been
   * missed: put `retry` behind it to go on; `forbidden` when the service does not open the topic. Unsubscribing ends the subscription. A slow consumer delays only itself.
   */
  topic<T = unknown>(topic: string | PageTopic<T>): Flow<T>
  /** Publishes one event and tells what became of it at each subscriber. Nothing is sent until the Reply is awaited or subscribed. */
  publish<T>(
    topic: string | PageTopic<T>,
    event: T,
    options?: PublishOptions,
  ): Reply<readonly DeliveryReport[]>
  /** How the connection is. Hot; replays the latest. Completes behind `closed`, never errors. Unsubscribing changes nothing. Emissions are synchronous. */
  readonly connection: Observable<ConnectionState>
  /** What nobody waits for: dials that failed, and violations of the wire. Hot, replays nothing. Completes when the client is closed, never errors. Unsubscribing changes nothing. */
  readonly faults: Observable<ServiceError>
  /** Ends the connection and everything that is under way, which fails with `unavailable`. May be called more than once. */
  close(): void
}

/**
 * Makes a client for a web page. Nothing is opened until it is used. Throws `bad_request` for an option that does not fit.
 *
 * @example
 * const services = createBrowserClient({ url: 'wss://shop.example:8080' })
 * const greeter = services.client(Greeter, 'greeter')
 * const { greeting } = await greeter.hello({ name: 'John' })
 */
export function createBrowserClient(options: BrowserClientOptions): BrowserClient {
  return new PageClient(resolveBrowserClientOptions(options))
}

class PageClient implements BrowserClient {
  private readonly pool: PageConnection
  private readonly deadlines: Deadlines
  private readonly told = new Subject<ServiceError>()
  readonly faults = this.told.asObservable()
  readonly connection: Observable<ConnectionState>
  private readonly through: Client
  private readonly connected: ConnectedService

  constructor(settings: Required<BrowserClientOptions>) {
    const { url, clock, maxBackoffMs } = settings
    const fault = (error: ServiceError) => this.told.next(error)
    this.pool = new PageConnection({ clock, maxBackoffMs, dial: dialler(settings, fault), failed: fault })
    this.connection = this.pool.state
    this.deadlines = timerDeadlines(clock)
    const { pool, deadlines } = this
    const closing = this.pool.ended
    const formats = bareFormats(json(settings.json), protobuf())
    const limits = { baseMs: 50, maxMs: 1_000 }
    const pause = (repetition: number) => fullJitter(repetition + 1, limits, clock.random)
    const nextId = () => 0 // for a dialect that pages do not speak
    const client = createClient({
      services: { selector: oneNode(url), pool, formats, clock, nextId, deadlines, backoff: pause, closing },
      defaults: {
        from: settings.name,
        timeoutMs: settings.timeoutMs,
        retries: settings.retries,
        untypedContentType: 'application/json',
        typedContentType: 'application/protobuf',
        dialect: 'rpc',
      },
      middleware: settings.middleware,
    })
    this.through = throughService(client)
    this.connected = new ConnectedService(url, client, formats, clock)
  }

  client(name: string): UntypedClient
  client<D extends ServiceDefinition>(definition: D, name: string): ClientOf<D>
  client(first: string | ServiceDefinition, name = ''): UntypedClient | ClientOf<ServiceDefinition> {
    const service = typeof first === 'string' ? first : name
    if (service === '') throw new ServiceError('bad_request', 'client: the name of the service is missing')
    const { through } = this
    return typeof first === 'string' ? untypedClient(through, first) : typedClient(through, name, first)
  }

  discover(name: string): Observable<readonly PageNode[]> {
    return this.connected.discover(name)
  }

  topic<T = unknown>(topic: string | PageTopic<T>): Flow<T> {
    const definition: PageTopic<T> = typeof topic === 'string' ? { topic } : topic
    return this.connected.topic(definition.topic, definition.type)
  }

  publish<T>(
    topic: string | PageTopic<T>,
    event: T,
    options: PublishOptions = {},
  ): Reply<readonly DeliveryReport[]> {
    const definition: PageTopic<T> = typeof topic === 'string' ? { topic } : topic
    return this.connected.publish(definition.topic, event, definition.type, options)
  }

  close(): void {
    const error = new ServiceError('unavailable', 'the browser client has been closed')
    this.pool.abort(error)
    this.deadlines.close()
    this.told.complete()
  }
}
