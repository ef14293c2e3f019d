import { Subject, defer, interval, map, merge, takeWhile, type Observable } from 'rxjs'
import { helpText, serviceFlags, type FlagValues } from '../flags.js'
import type { DeliveryReport, StreamReport } from '../streams/broker.js'
import type { ClientOf, UntypedClient } from '../streams/client.js'
import type { ServiceDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import type { Flow, Reply } from '../streams/flow.js'
import type { Registry, ServiceNode } from '../streams/registry.js'
import type { PickOptions } from '../streams/selector.js'
import type { HandleOptions, HandlersOf, ServedEndpoint, UntypedHandlers } from '../streams/server.js'
import { clientChecks } from './checked-method.js'
import { typedClient, untypedClient } from './client-facade.js'
import { discover } from './discovery.js'
import { typedEndpoints, untypedEndpoints } from './endpoints.js'
import { eventOf, type ServiceEvent } from './events.js'
import { LazyParts } from './lazy-parts.js'
import { Life } from './life.js'
import type { CloseOptions, OwnFlags } from './options.js'
import { publish, publishAll } from './publishing.js'
import { nodeId } from './record.js'
import { runService } from './run.js'
import type {
  ClientOptions,
  PublishCallOptions,
  RunOptions,
  Service,
  ServiceState,
  ServiceStats,
} from './service-types.js'
import type { ServiceSettings } from './settings.js'
import type { SubscriberOptions, SubscriberSpec, TopicDefinition } from './subscribers.js'
import { subscriberSpec, topicFlow } from './topics.js'

/** A service: what was added to it, its parts as soon as they are needed, and its life. */
export class ServiceHost<F extends OwnFlags> implements Service<F> {
  readonly name: string
  readonly id: string
  readonly flags: FlagValues<F>
  readonly help: string
  readonly state: Observable<ServiceState>
  readonly events: Observable<ServiceEvent>
  readonly stats: Observable<ServiceStats>
  private readonly endpoints = new Map<string, ServedEndpoint>()
  private readonly subscribers: SubscriberSpec[] = []
  private readonly tell: (event: ServiceEvent) => void
  private readonly lazy: LazyParts
  private readonly life: Life

  constructor(private readonly settings: ServiceSettings<F>) {
    const { name, ownFlags, flags, facts, clock } = settings
    this.name = name
    this.id = nodeId(settings)
    this.flags = ownFlags
    this.help = helpText(facts.program, { ...flags, ...serviceFlags })
    const told = new Subject<ServiceEvent>()
    this.events = told.asObservable()
    this.tell = event => told.next(event)
    const { endpoints, subscribers, tell, events } = this
    this.lazy = new LazyParts(settings, tell)
    const { lazy } = this
    const ended = () => told.complete()
    this.life = new Life({ settings, lazy, endpoints, subscribers, tell, events, ended })
    this.state = this.life.state
    // The state replays, so the first snapshot comes at once and the last one with the end.
    this.stats = defer(() => merge(this.state, interval(1_000, clock.scheduler))).pipe(
      map(() => this.snapshot()),
      takeWhile(({ state }) => state !== 'closed' && state !== 'failed', true),
    )
  }

  get address(): string | undefined {
    return this.life.current?.address
  }

  handle(handlers: UntypedHandlers, options?: HandleOptions): void
  handle<D extends ServiceDefinition>(definition: D, handlers: HandlersOf<D>, options?: HandleOptions): void
  handle<D extends ServiceDefinition>(
    first: UntypedHandlers | D,
    second?: HandlersOf<D> | HandleOptions,
    options?: HandleOptions,
  ): void {
    if (isDefinition(first))
      this.add(typedEndpoints(first, second as HandlersOf<D>, this.reportAnswer, options))
    else this.add(untypedEndpoints(first, second))
  }

  subscribe(
    topic: string | TopicDefinition<never>,
    handler: SubscriberSpec['handler'],
    options?: SubscriberSpec['options'],
  ): void {
    this.onlyBeforeStart('subscribers')
    this.subscribers.push(subscriberSpec(topic, handler, options))
  }

  topic<T>(topic: string | TopicDefinition<T>, options: Pick<SubscriberOptions, 'queue'> = {}): Flow<T> {
    return topicFlow(this.lazy, topic, options)
  }

  publish<T>(
    topic: string | TopicDefinition<T>,
    event: T,
    options: PublishCallOptions = {},
  ): Reply<readonly DeliveryReport[]> {
    return publish(this.lazy, this.settings, topic, event, options)
  }

  publishAll<T>(
    topic: string | TopicDefinition<T>,
    events: Source<T>,
    options: PublishCallOptions = {},
  ): Reply<readonly StreamReport[]> {
    return publishAll(this.lazy, this.settings, topic, events, options)
  }

  client(name: string): UntypedClient
  client<D extends ServiceDefinition>(definition: D, name: string, options?: ClientOptions): ClientOf<D>
  client(
    first: string | ServiceDefinition,
    name = '',
    options?: ClientOptions,
  ): UntypedClient | ClientOf<ServiceDefinition> {
    const service = typeof first === 'string' ? first : name
    if (service === '') throw new ServiceError('bad_request', 'client: the name of the service is missing')
    const { client } = this.lazy
    return typeof first === 'string'
      ? untypedClient(client, first)
      : typedClient(client, name, first, clientChecks(options))
  }

  discover(name: string, { filter }: Pick<PickOptions, 'filter'> = {}): Observable<readonly ServiceNode[]> {
    return discover(this.lazy, name, filter, this.tell)
  }

  async registry(): Promise<Registry> {
    return (await this.lazy.parts()).registry
  }

  start(): Promise<void> {
    return this.life.start()
  }

  async run(options: RunOptions = {}): Promise<void> {
    const { help, facts, log } = this.settings
    if (help) return facts.print(this.help)
    await runService(this, facts, log === false ? () => undefined : log, options)
    if (this.life.failure !== undefined) throw this.life.failure
  }

  close(options?: CloseOptions): Promise<void> {
    return this.life.close(options)
  }

  abort(error: ServiceError): Promise<void> {
    return this.life.abort(error)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private readonly reportAnswer = (error: ServiceError): void =>
    this.tell(eventOf('server', { kind: 'invalid_answer', text: 'invalid answer', error }))

  private add(served: readonly ServedEndpoint[]): void {
    this.onlyBeforeStart('handlers')
    const names = new Set(this.endpoints.keys())
    for (const { definition } of served) this.claim(definition.name, names)
    for (const endpoint of served) this.endpoints.set(endpoint.definition.name, endpoint)
  }

  private claim(name: string, names: Set<string>): void {
    const why = name.startsWith('Debug.')
      ? 'is served by the runtime; choose another service name than Debug'
      : 'has a handler already'
    if (name.startsWith('Debug.') || names.has(name)) {
      throw new ServiceError('conflict', `service ${this.name}: ${name} ${why}`)
    }
    names.add(name)
  }

  private onlyBeforeStart(what: string): void {
    const { now } = this.life
    if (now === 'idle') return
    throw new ServiceError(
      'conflict',
      `service ${this.name}: ${what} must be added before the start, it is ${now}`,
    )
  }

  private snapshot(): ServiceStats {
    const { current, now } = this.life
    const parts = this.lazy.current
    const broker = parts?.broker.stats?.()
    return {
      state: now,
      ...(current === undefined ? {} : { server: current.server.stats() }),
      handlers:
        current?.subscribers.map(({ topic, subscription }) => ({ topic, inFlight: subscription.inFlight })) ??
        [],
      connections: parts?.pool.stats() ?? [],
      ...(broker === undefined ? {} : { broker }),
      deadlines: parts?.deadlines.size ?? 0,
    }
  }
}

/** A definition says how its methods are called; plain handlers are functions, in groups. */
function isDefinition<D extends ServiceDefinition>(first: UntypedHandlers | D): first is D {
  const one: unknown = Object.values(first)[0]
  return (
    typeof one === 'object' && one !== null && 'cardinality' in one && typeof one.cardinality === 'string'
  )
}
