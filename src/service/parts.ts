import {
  ReplaySubject,
  Subscription,
  defaultIfEmpty,
  ignoreElements,
  lastValueFrom,
  tap,
  type Observable,
} from 'rxjs'
import { createClient, type Client } from '../actors/client.js'
import type { CallDefaults } from '../actors/client/call-plan.js'
import { createConnectionPool, type ConnectionPool } from '../actors/connection-pool.js'
import { createDeadlines, type Deadlines } from '../actors/deadlines.js'
import { createRegistryCache, type RegistryCache } from '../actors/registry-cache.js'
import { findPlugin } from '../plugins.js'
import type { Adapter } from '../streams/adapter.js'
import type { Broker } from '../streams/broker.js'
import type { Formats } from '../streams/codec.js'
import { ServiceError } from '../streams/errors.js'
import type { Registry } from '../streams/registry.js'
import type { Selector } from '../streams/selector.js'
import type { Transport } from '../streams/transport.js'
import { createFormats } from '../wire/formats.js'
import { eventOf, type PartEvent, type ServiceEvent } from './events.js'
import type { ServiceSettings } from './settings.js'
import type { Patience } from './wait.js'

/** The parts of a running service: its adapters, and the actors over them. */
export interface Parts {
  readonly registry: Registry
  readonly transport: Transport
  readonly broker: Broker
  readonly formats: Formats
  readonly deadlines: Deadlines
  readonly cache: RegistryCache
  readonly selector: Selector
  readonly pool: ConnectionPool
  readonly client: Client
  /** Ends actors first, adapters last; calls under way have as long as `patience` says. Never rejects: what could not be ended in order is told as an event. */
  close(patience: Patience): Promise<void>
}

type Tell = (event: ServiceEvent) => void

/** Loads the adapters that were not given and puts everything together. What was loaded before a failure is closed again. */
export async function assemble(settings: ServiceSettings, tell: Tell): Promise<Parts> {
  const loaded: Adapter[] = []
  try {
    return await putTogether(settings, tell, loaded)
  } catch (failure) {
    await endAll(Object.fromEntries(loaded.map(adapter => [adapter.name, () => adapter.close()])), tell)
    throw failure
  }
}

async function putTogether(settings: ServiceSettings, tell: Tell, loaded: Adapter[]): Promise<Parts> {
  const { registry, transport, broker, formats } = await loadAdapters(settings, loaded)
  const { clock } = settings
  const subscriptions = new Subscription()
  const report = (source: string) => (event: PartEvent) => tell(eventOf(source, event))
  const deadlines = createDeadlines(clock)
  const cache = createRegistryCache({
    registry,
    clock,
    staleForMs: settings.staleForMs,
    report: report('registry cache'),
  })
  for (const [kind, adapter] of Object.entries({ registry, transport, broker })) {
    subscriptions.add(listenTo(adapter.events, `${kind} ${adapter.name}`, tell))
  }
  const pool = createConnectionPool(transport, {
    clock,
    maxConnectionsPerAddress: settings.maxConnectionsPerNode,
    maxWaiting: settings.maxWaitingCalls,
    idleMs: settings.idleConnectionMs,
    report: report('connection pool'),
  })
  const selector = await makeSelector(settings, cache, pool, report('selector'))
  const retire = cache.left.pipe(tap(node => pool.retire(node.address)))
  subscriptions.add(listenTo(retire.pipe(ignoreElements()), 'registry cache', tell))
  const closing = new ReplaySubject<never>(1)
  const client = createClient({
    services: { selector, pool, formats, clock, deadlines, closing, ...attemptParts(settings) },
    defaults: callDefaults(settings),
    middleware: settings.middleware.client ?? [],
  })
  const close = async (patience: Patience) => {
    const error = closedError(settings.name)
    closing.error(error)
    await endAll(
      {
        'connection pool': async () => {
          if (!(await patience.waitFor(pool.close()))) pool.abort(error)
          await pool.close()
        },
        selector: () => selector.close(),
        'registry cache': () => cache.close(),
        [`broker ${broker.name}`]: () => broker.close(),
        [`transport ${transport.name}`]: () => transport.close(),
        [`registry ${registry.name}`]: () => registry.close(),
      },
      tell,
    )
    deadlines.close()
    subscriptions.unsubscribe()
  }
  return { registry, transport, broker, formats, deadlines, cache, selector, pool, client, close }
}

/** One after another, whether or not one of them fails. */
async function endAll(steps: Readonly<Record<string, () => Promise<void>>>, tell: Tell): Promise<void> {
  for (const [source, end] of Object.entries(steps)) {
    try {
      await end()
    } catch (failure) {
      tell(eventOf(source, { kind: 'could not be closed', error: ServiceError.from(failure) }))
    }
  }
}

/** An adapter that breaks its promise that `events` never errors is itself an event. */
function listenTo(events: Observable<PartEvent>, source: string, tell: Tell): Subscription {
  return events.subscribe({
    next: event => tell(eventOf(source, event)),
    error: (failure: unknown) =>
      tell(eventOf(source, { kind: 'its events failed', error: ServiceError.from(failure) })),
  })
}

async function loadAdapters(settings: ServiceSettings, loaded: Adapter[]) {
  const { named, clock, advertise, registerTtlMs, registerIntervalMs } = settings
  const made = <A extends Adapter>(adapter: A): A => {
    loaded.push(adapter)
    return adapter
  }
  const registry = await chosen('registry', named.registry, settings.registry, 'mdns', async plugin =>
    made(await plugin.create({ addresses: named.registryAddress, clock })),
  )
  const transport = await chosen('transport', named.transport, settings.transport, 'http', async plugin =>
    made(
      await plugin.create({
        addresses: named.transportAddress,
        clock,
        allowedOrigins: settings.browser.allowedOrigins,
      }),
    ),
  )
  const broker = await chosen('broker', named.broker, settings.broker, 'http', async plugin => {
    const { brokerAddress: addresses } = named
    const host = hostOf(advertise)
    const its = { addresses, clock, registry, advertise: host, registerTtlMs, registerIntervalMs }
    return made(await plugin.create(its))
  })
  return { registry, transport, broker, formats: await loadFormats(settings) }
}

/** What a flag names goes before what the program gave, and that before the default. */
async function chosen<K extends 'registry' | 'transport' | 'broker', A>(
  kind: K,
  flag: string | undefined,
  given: A | undefined,
  fallback: string,
  create: (plugin: ReturnType<typeof findPlugin<K>>) => A | Promise<A>,
): Promise<A> {
  if (flag === undefined && given !== undefined) return given
  return create(findPlugin(kind, flag ?? fallback))
}

async function loadFormats(settings: ServiceSettings): Promise<Formats> {
  const [{ json }, { protobuf }] = await Promise.all([
    import('../adapters/codec/json.js'),
    import('../adapters/codec/protobuf.js'),
  ])
  return createFormats({ json: json(settings.json), protobuf: protobuf() })
}

async function makeSelector(
  { named, selector, strategy, filters, clock }: ServiceSettings,
  cache: RegistryCache,
  { suspects }: ConnectionPool,
  report: (event: PartEvent) => void,
): Promise<Selector> {
  const options = { cache, clock, filters, suspects, report, ...(strategy === undefined ? {} : { strategy }) }
  if (named.selector === undefined && selector !== undefined) return selector(options)
  return findPlugin('selector', named.selector ?? 'default').create(options)
}

/** The host of an address without its port: a broker advertises the same host as the service, at a port of its own. */
function hostOf(advertise: string | undefined): string | undefined {
  return advertise?.replace(/^(\[.*\]|[^:]*):\d+$/, '$1')
}

/** What calls do that say nothing else. */
function callDefaults(settings: ServiceSettings): CallDefaults {
  return {
    from: settings.name,
    timeoutMs: settings.timeoutMs,
    retries: settings.retries,
    untypedContentType: settings.contentType,
    typedContentType: 'application/protobuf',
    dialect: settings.dialect,
  }
}

/** What the attempts of all calls have in common. */
function attemptParts(settings: ServiceSettings) {
  return { nextId: counter(), backoff: backoffOf(settings) }
}

/** 0, 1, 2, … */
function counter(): () => number {
  let last = -1
  return () => (last += 1)
}

/** Full jitter between 0 and 50 ms, doubled with each repetition, at most 1 s. */
function backoffOf({ clock }: ServiceSettings): (repetition: number) => number {
  return repetition => clock.random() * Math.min(1_000, 50 * 2 ** repetition)
}

/** Waits for an operation that has no value. */
export function done(operation: Observable<never>): Promise<void> {
  return lastValueFrom(operation.pipe(defaultIfEmpty(undefined)))
}

/** The error of whatever is asked of a service that has ended. */
export function closedError(name: string): ServiceError {
  return new ServiceError('unavailable', `service ${name} has been closed`)
}
