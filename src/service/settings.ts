import { parseFlags, serviceFlags, type FlagValues } from '../flags.js'
import { findPlugin } from '../plugins.js'
import { systemClock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import {
  count,
  given,
  milliseconds,
  oneOf,
  resolveOptions,
  text,
  type OptionRule,
  type OptionRules,
} from '../streams/options.js'
import type { ProcessFacts } from './process-facts.js'
import { resolveBrowserOptions, type BrowserOptions } from './browser-options.js'
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
  readonly browser: Required<BrowserOptions>
  readonly ownFlags: FlagValues<F>
  readonly help: boolean
  readonly facts: ProcessFacts
}

/** The options that a flag replaces, by the flag. */
const optionOfFlag = {
  server_name: 'name',
  server_version: 'version',
  server_id: 'id',
  server_address: 'address',
  server_advertise: 'advertise',
  server_metadata: 'metadata',
  client_request_timeout: 'timeoutMs',
  client_retries: 'retries',
  client_pool_size: 'maxConnectionsPerNode',
  client_pool_ttl: 'idleConnectionMs',
  register_ttl: 'registerTtlMs',
  register_interval: 'registerIntervalMs',
} as const satisfies Partial<Record<keyof typeof serviceFlags, keyof ServiceOptions>>

/**
 * Applies defaults, then the options of the program, then the environment, then the flags. Throws `bad_request` for whatever does not fit.
 */
export function resolveSettings<F extends OwnFlags>(
  options: ServiceOptions<F>,
  facts: ProcessFacts,
): ServiceSettings<F> {
  const rules = rulesOf(options, facts)
  const checked = resolveOptions<Resolved>('service', options, rules)
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
  const named = namedParts(flags)
  for (const kind of ['registry', 'transport', 'broker', 'selector'] as const) {
    if (named[kind] !== undefined) findPlugin(kind, named[kind])
  }
  const merged = withId({ ...checked, ...overrides(flags, rules) } as Resolved, facts)
  const registerIntervalMs = intervalOf(merged, options.registerIntervalMs ?? flags.register_interval)
  const ownFlags = Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(own, name)))
  const browser = browserOf(merged, flags)
  return { ...merged, registerIntervalMs, named, browser, ownFlags, help, facts } as ServiceSettings<F>
}

/** Throws `bad_request` also when the origins are for a transport that has been made already. */
function browserOf(
  { browser, transport }: Pick<Resolved, 'browser' | 'transport'>,
  flags: FlagValues<typeof serviceFlags>,
): Required<BrowserOptions> {
  const { allowed_origins: flag, transport: named } = flags
  const resolved = resolveBrowserOptions(flag === undefined ? browser : { ...browser, allowedOrigins: flag })
  if (resolved.allowedOrigins.length === 0 || transport === undefined || named !== undefined) return resolved
  throw new ServiceError(
    'bad_request',
    'service: the transport was given, so the origins of web pages belong there: http({ allowedOrigins })',
  )
}

/** What one label of a DNS name holds: mDNS puts the part of a node's id behind its last dot into one. */
const maxLabelBytes = 63

/** An id of its own for a node that was given none: a UUID, cut where it would not fit behind a long name. */
function withId(settings: Resolved, { uuid }: Pick<ProcessFacts, 'uuid'>): Resolved {
  if (settings.id !== '') return settings
  const label = settings.name.slice(settings.name.lastIndexOf('.') + 1)
  const room = maxLabelBytes - Buffer.byteLength(label) - 1
  const full = uuid()
  // Twelve hexadecimal digits are still one chance in 10^14.
  const id = full.length <= room ? full : full.replaceAll('-', '').slice(0, Math.max(12, room))
  return { ...settings, id }
}

type Resolved = Required<Omit<ServiceOptions, Optional>> & { [K in Optional]: ServiceOptions[K] | undefined }

function rulesOf(options: ServiceOptions, facts: ProcessFacts): OptionRules<Resolved> {
  return {
    name: required('a name, such as greeter', options.name),
    version: text('1.0.0'),
    id: { fallback: '', check: text('').check },
    metadata: given({}),
    registry: given(undefined),
    transport: given(undefined),
    broker: given(undefined),
    selector: given(undefined),
    strategy: given(undefined),
    filters: given([]),
    address: text(':0'),
    advertise: { fallback: undefined, check: text('').check },
    registerTtlMs: milliseconds(60_000, 1),
    registerIntervalMs: milliseconds(30_000),
    browser: given<BrowserOptions>({}),
    timeoutMs: milliseconds(5_000, 1),
    retries: count(1, 0),
    contentType: text('application/json'),
    dialect: oneOf('rpc', 'mucp'),
    json: given({}),
    staleForMs: milliseconds(60_000),
    maxWaitingCalls: count(65_536),
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

/** What flags change in the options. Throws `bad_request` that names the flag whose value does not fit its option. */
function overrides(
  flags: FlagValues<typeof serviceFlags>,
  rules: OptionRules<Resolved>,
): Partial<Record<keyof ServiceOptions, unknown>> {
  const changed: Partial<Record<keyof ServiceOptions, unknown>> = {}
  for (const [flag, option] of Object.entries(optionOfFlag) as FlagOfOption[]) {
    const value = flags[flag]
    if (value === undefined || (flag === 'client_pool_size' && value === 0)) continue
    const expected = rules[option].check(value)
    if (expected !== undefined) {
      const { env } = serviceFlags[flag]
      throw new ServiceError(
        'bad_request',
        `--${flag} (${env}) must be ${expected}, not ${JSON.stringify(value)}`,
      )
    }
    changed[option] = value
  }
  return changed
}

type FlagOfOption = [keyof typeof optionOfFlag, (typeof optionOfFlag)[keyof typeof optionOfFlag]]

/** Throws `bad_request` when the registration would be lost before it is renewed. */
function intervalOf(
  { registerTtlMs, registerIntervalMs }: Pick<Resolved, 'registerTtlMs' | 'registerIntervalMs'>,
  wanted: number | undefined,
): number {
  if (wanted === undefined) return Math.min(registerIntervalMs, registerTtlMs / 2)
  if (registerIntervalMs <= registerTtlMs) return registerIntervalMs
  throw new ServiceError(
    'bad_request',
    `service: registerIntervalMs ${registerIntervalMs} is longer than registerTtlMs ${registerTtlMs}: ` +
      'the node would leave the registry in between; lower the one or raise the other',
  )
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
  throw new ServiceError('bad_request', `unknown ${flag} '${value}'; known are rpc and mucp`)
}
