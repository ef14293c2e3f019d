import { parseFlags, serviceFlags, type FlagValues } from '../flags.js'
import { systemClock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import {
  count,
  given,
  milliseconds,
  resolveOptions,
  text,
  type OptionRule,
  type OptionRules,
} from '../streams/options.js'
import type { ProcessFacts } from './process-facts.js'
import type { OwnFlags, ServiceHooks, ServiceMiddleware, ServiceOptions } from './options.js'

/** Adapters that flags name, and the addresses they were given. */
export interface NamedParts {
  readonly registry: string | undefined
  readonly registryAddress: readonly string[]
  readonly transport: string | undefined
  readonly transportAddress: readonly string[]
  readonly broker: string | undefined
  readonly brokerAddress: readonly string[]
  readonly selector: string | undefined
}

type Optional = 'registry' | 'transport' | 'broker' | 'selector' | 'strategy' | 'advertise'

/** The options of a service with flags, environment and defaults applied. */
export interface ServiceSettings<F extends OwnFlags = OwnFlags>
  extends Omit<Required<ServiceOptions<F>>, Optional>, Pick<ServiceOptions<F>, Optional> {
  readonly named: NamedParts
  readonly ownFlags: FlagValues<F>
  readonly help: boolean
  readonly facts: ProcessFacts
}

/**
 * Applies defaults, then the options of the program, then the environment, then the flags. Throws `bad_request` for whatever does not fit.
 */
export function resolveSettings<F extends OwnFlags>(
  options: ServiceOptions<F>,
  facts: ProcessFacts,
): ServiceSettings<F> {
  const checked = resolveOptions<Resolved>('service', options, rulesOf(options, facts))
  const own = options.flags ?? {}
  for (const name of Object.keys(own)) {
    if (Object.hasOwn(serviceFlags, name)) {
      throw new ServiceError('conflict', `service: the flag --${name} is one of every service`)
    }
  }
  const { values, help } = parseFlags({ ...own, ...serviceFlags }, checked.argv, checked.env)
  const flags = values as FlagValues<typeof serviceFlags>
  onlyKnown('client', flags.client)
  onlyKnown('server', flags.server)
  return {
    ...checked,
    ...overrides(flags),
    named: namedParts(flags),
    ownFlags: values,
    help,
    facts,
  } as ServiceSettings<F>
}

type Resolved = Required<Omit<ServiceOptions, Optional>> & { [K in Optional]: ServiceOptions[K] | undefined }

function rulesOf(options: ServiceOptions, facts: ProcessFacts): OptionRules<Resolved> {
  return {
    name: required('a name, such as greeter', options.name),
    version: text('1.0.0'),
    id: text(facts.uuid()),
    metadata: given({}),
    registry: given(undefined),
    transport: given(undefined),
    broker: given(undefined),
    selector: given(undefined),
    strategy: given(undefined),
    filters: given([]),
    address: text(':0'),
    advertise: given(undefined),
    registerTtlMs: milliseconds(60_000, 1),
    registerIntervalMs: milliseconds(30_000),
    timeoutMs: milliseconds(5_000, 1),
    retries: count(1, 0),
    contentType: text('application/json'),
    maxConnectionsPerNode: count(64),
    idleConnectionMs: milliseconds(45_000, 1),
    subscriberConcurrency: count(1),
    middleware: given<ServiceMiddleware>({}),
    hooks: given<ServiceHooks>({}),
    flags: given<OwnFlags>({}),
    argv: given(facts.argv),
    env: given(facts.env),
    log: given<false | ((line: string) => void)>(facts.log),
    clock: given(systemClock),
  }
}

function required(what: string, value: unknown): OptionRule<string> {
  if (typeof value !== 'string' || value === '') {
    throw new ServiceError('bad_request', `service: option 'name' must be ${what}, not ${String(value)}`)
  }
  return text(value)
}

/** What flags change in the options: only those that were given. */
function overrides(flags: FlagValues<typeof serviceFlags>): Partial<ServiceOptions> {
  const changed: Partial<ServiceOptions> = {
    name: flags.server_name,
    version: flags.server_version,
    id: flags.server_id,
    address: flags.server_address,
    advertise: flags.server_advertise,
    metadata: flags.server_metadata,
    timeoutMs: flags.client_request_timeout,
    retries: flags.client_retries,
    maxConnectionsPerNode: flags.client_pool_size === 0 ? undefined : flags.client_pool_size,
    idleConnectionMs: flags.client_pool_ttl,
    registerTtlMs: flags.register_ttl,
    registerIntervalMs: flags.register_interval,
  } as Partial<ServiceOptions>
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined))
}

function namedParts(flags: FlagValues<typeof serviceFlags>): NamedParts {
  return {
    registry: flags.registry,
    registryAddress: flags.registry_address ?? [],
    transport: flags.transport,
    transportAddress: flags.transport_address ?? [],
    broker: flags.broker,
    brokerAddress: flags.broker_address ?? [],
    selector: flags.selector,
  }
}

/** There is one client and one server; the flags exist because go-micro has them. */
function onlyKnown(flag: 'client' | 'server', value: string | undefined): void {
  if (value === undefined || value === 'rpc' || value === 'mucp') return
  throw new ServiceError('bad_request', `unknown ${flag} '${value}'; known is rpc`)
}
