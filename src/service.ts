import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { Subject, defer, distinctUntilChanged, from, map, switchMap, takeWhile, timer } from 'rxjs'
import { helpText, serviceFlags } from './flags.js'
import type { ServiceDefinition } from './streams/endpoint.js'
import { ServiceError } from './streams/errors.js'
import type { HandleOptions, HandlersOf, ServedEndpoint, UntypedHandlers } from './streams/server.js'
import { typedClient, untypedClient } from './service/client-facade.js'
import { typedEndpoints, untypedEndpoints } from './service/endpoints.js'
import type { ServiceEvent } from './service/events.js'
import { LazyParts } from './service/lazy-parts.js'
import { Life } from './service/life.js'
import type { OwnFlags, ServiceOptions } from './service/options.js'
import { nodeId } from './service/record.js'
import { runService } from './service/run.js'
import type { Service, ServiceStats } from './service/service-types.js'
import { resolveSettings } from './service/settings.js'
import type { SubscriberSpec } from './service/subscribers.js'
import { publish, subscriberSpec, topicFlow } from './service/topics.js'

/**
 * Makes a service. Nothing is opened until it is started or first used. Throws `bad_request` for an option or a flag that does not fit.
 *
 * @example
 * const service = createService({ name: 'greeter' })
 * service.handle({ Greeter: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) } })
 * await service.run()
 */
export function createService<const F extends OwnFlags = Record<never, never>>(
  options: ServiceOptions<F>,
): Service<F> {
  const settings = resolveSettings(options, {
    argv: process.argv.slice(2),
    env: process.env,
    log: line => void process.stderr.write(`${line}\n`),
    uuid: randomUUID,
  })
  const told = new Subject<ServiceEvent>()
  const events = told.asObservable()
  const tell = (event: ServiceEvent) => told.next(event)
  const endpoints = new Map<string, ServedEndpoint>()
  const subscribers: SubscriberSpec[] = []
  const lazy = new LazyParts(settings, tell)
  const life = new Life({ settings, lazy, endpoints, subscribers, tell })
  life.state.subscribe({ complete: () => told.complete() })

  const onlyBeforeStart = (what: string) => {
    if (life.now === 'idle') return
    throw new ServiceError(
      'conflict',
      `service ${settings.name}: ${what} must be added before the start, it is ${life.now}`,
    )
  }
  const add = (served: readonly ServedEndpoint[]) => {
    onlyBeforeStart('handlers')
    for (const endpoint of served) {
      const { name } = endpoint.definition
      if (endpoints.has(name))
        throw new ServiceError('conflict', `service ${settings.name}: ${name} has a handler already`)
      endpoints.set(name, endpoint)
    }
  }
  const snapshot = (): ServiceStats => ({
    state: life.now,
    ...(life.current === undefined ? {} : { server: life.current.server.stats() }),
    connections: lazy.current?.pool.stats() ?? [],
  })
  const help = helpText(basename(process.argv[1] ?? settings.name), { ...settings.flags, ...serviceFlags })

  const service = {
    name: settings.name,
    id: nodeId(settings),
    flags: settings.ownFlags,
    help,
    get address() {
      return life.current?.address
    },
    state: life.state,
    events,
    stats: defer(() => timer(0, 1_000, settings.clock.scheduler)).pipe(
      map(snapshot),
      takeWhile(({ state }) => state !== 'closed' && state !== 'failed', true),
    ),
    handle: (
      first: UntypedHandlers | ServiceDefinition,
      second?: HandlersOf<ServiceDefinition> | HandleOptions,
      options?: HandleOptions,
    ) => {
      if (isDefinition(first)) add(typedEndpoints(first, second as HandlersOf<ServiceDefinition>, options))
      else add(untypedEndpoints(first, second as HandleOptions | undefined))
    },
    subscribe: (...declared: Parameters<typeof subscriberSpec>) => {
      onlyBeforeStart('subscribers')
      subscribers.push(subscriberSpec(...declared))
    },
    topic: (topic, options = {}) => topicFlow(lazy, topic, options),
    publish: (topic, event, options = {}) => publish(lazy, settings, topic, event, options),
    client: (first: string | ServiceDefinition, name?: string) =>
      typeof first === 'string' ? untypedClient(lazy, first) : typedClient(lazy, name ?? '', first),
    discover: (name: string) =>
      defer(() => from(lazy.parts())).pipe(
        switchMap(({ cache }) => cache.snapshots(name)),
        map(({ nodes }) => nodes),
        distinctUntilChanged(),
      ),
    start: () => life.start(),
    run: async (options = {}) => {
      if (settings.help) return void process.stdout.write(help)
      const log = settings.log === false ? () => undefined : settings.log
      await runService(service, process, log, options)
    },
    close: options => life.close(options),
    abort: error => life.abort(error),
    [Symbol.asyncDispose]: () => life.close(),
  } as Service<F>
  return service
}

/** A definition says how its methods are called; plain handlers are functions, in groups. */
function isDefinition(first: UntypedHandlers | ServiceDefinition): first is ServiceDefinition {
  const [one] = Object.values(first)
  return typeof one === 'object' && typeof one.cardinality === 'string' && typeof one.name === 'string'
}
