import { selectorFactories } from './actors/selectors/selector-factories.js'
import type { SelectorOptions } from './actors/selector-options.js'
import type { Broker } from './streams/broker.js'
import type { Clock } from './streams/clock.js'
import { ServiceError } from './streams/errors.js'
import type { Registry } from './streams/registry.js'
import type { Selector } from './streams/selector.js'
import type { Transport } from './streams/transport.js'

/** What a service tells a plugin that it makes an adapter with. */
export interface AdapterSettings {
  /** What the address flag of the kind says (`--registry_address`, …), split at commas. */
  readonly addresses: readonly string[]
  readonly clock: Clock
}

/** What a service tells a transport. */
export interface TransportSettings extends AdapterSettings {
  /** The origins of web pages that may connect. */
  readonly allowedOrigins: readonly string[]
}

/** What a service tells a broker. */
export interface BrokerSettings extends AdapterSettings {
  /** Where the service registers; brokers that find their peers through a registry use it. */
  readonly registry: Registry
  /** The host that the service advertises, where it was told one. */
  readonly advertise: string | undefined
  /** How long a registration of the service stays if its process dies, in milliseconds. Subscriptions in a registry should stay as long. */
  readonly registerTtlMs: number
  /** How often the service registers again, in milliseconds. */
  readonly registerIntervalMs: number
}

/** An adapter that a flag value names. `create` runs when the name is chosen, so it can load its library with `import()`. */
export type Plugin =
  | {
      readonly kind: 'registry'
      readonly name: string
      create(settings: AdapterSettings): Registry | Promise<Registry>
    }
  | {
      readonly kind: 'transport'
      readonly name: string
      create(settings: TransportSettings): Transport | Promise<Transport>
    }
  | {
      readonly kind: 'broker'
      readonly name: string
      create(settings: BrokerSettings): Broker | Promise<Broker>
    }
  | {
      readonly kind: 'selector'
      readonly name: string
      create(options: SelectorOptions): Selector | Promise<Selector>
    }

/** The kinds of parts that a flag can name. */
export type PluginKind = Plugin['kind']

const builtIn: readonly Plugin[] = [
  {
    kind: 'registry',
    name: 'mdns',
    create: async ({ addresses: [address], clock }) => {
      const { mdns } = await import('./adapters/registry/mdns.js')
      return mdns({ clock, ...(address === undefined ? {} : { interface: address }) })
    },
  },
  {
    kind: 'registry',
    name: 'memory',
    create: async ({ clock }) => (await import('./adapters/registry/memory.js')).memory({ clock }),
  },
  {
    kind: 'registry',
    name: 'consul',
    create: async ({ addresses, clock }) => {
      const { consul } = await import('./adapters/registry/consul.js')
      return consul({ clock, ...(addresses.length === 0 ? {} : { addresses }) })
    },
  },
  {
    kind: 'transport',
    name: 'http',
    create: async ({ clock, allowedOrigins }) =>
      (await import('./adapters/transport/http.js')).http({ clock, allowedOrigins }),
  },
  {
    kind: 'transport',
    name: 'http-plain',
    create: async ({ clock, allowedOrigins }) =>
      (await import('./adapters/transport/http.js')).http({ clock, allowedOrigins, fastLane: false }),
  },
  {
    kind: 'transport',
    name: 'ws',
    create: async ({ clock, allowedOrigins }) =>
      (await import('./adapters/transport/ws.js')).ws({ clock, allowedOrigins }),
  },
  {
    kind: 'transport',
    name: 'memory',
    create: async () => (await import('./adapters/transport/memory.js')).memory(),
  },
  {
    kind: 'broker',
    name: 'http',
    create: async ({
      registry,
      addresses: [address],
      advertise,
      clock,
      registerTtlMs,
      registerIntervalMs,
    }) => {
      const { http } = await import('./adapters/broker/http.js')
      return http({
        registry,
        clock,
        ttlMs: registerTtlMs,
        registerIntervalMs,
        ...(address === undefined ? {} : { address }),
        ...(advertise === undefined ? {} : { advertise }),
      })
    },
  },
  {
    kind: 'broker',
    name: 'memory',
    create: async ({ clock }) => (await import('./adapters/broker/memory.js')).memory({ clock }),
  },
  ...Object.entries(selectorFactories).map(([name, create]): Plugin => ({ kind: 'selector', name, create })),
]

/** The plugins from outside. Written by `definePlugin` alone, so that importing a file is all that an adapter needs. */
const added = new Map<string, Plugin>()

/**
 * Gives an adapter from outside its flag value: after this, `--registry=NAME` (or the flag of its kind) chooses it. Call it at the top of a file and import that file.
 * Throws `conflict` when the name is taken.
 */
export function definePlugin(plugin: Plugin): void {
  const key = `${plugin.kind} ${plugin.name}`
  if (added.has(key) || builtIn.some(({ kind, name }) => kind === plugin.kind && name === plugin.name)) {
    throw new ServiceError('conflict', `there is a ${plugin.kind} named '${plugin.name}' already`)
  }
  added.set(key, plugin)
}

/** The plugin of a kind with a name. Throws `bad_request` that lists the known names. */
export function findPlugin<K extends PluginKind>(kind: K, name: string): Extract<Plugin, { kind: K }> {
  const ofKind = [...builtIn, ...added.values()].filter(
    (plugin): plugin is Extract<Plugin, { kind: K }> => plugin.kind === kind,
  )
  const found = ofKind.find(plugin => plugin.name === name)
  if (found !== undefined) return found
  const known = ofKind.map(plugin => plugin.name).join(', ')
  throw new ServiceError('bad_request', `unknown ${kind} '${name}'; known are ${known}`)
}
