import type { JsonOptions } from '../adapters/codec/json.js'
import type { FlagSpec } from '../flags.js'
import type { Broker } from '../streams/broker.js'
import type { Clock } from '../streams/clock.js'
import type { Middleware } from '../streams/exchange.js'
import type { Metadata } from '../streams/message.js'
import type { Registry } from '../streams/registry.js'
import type { Filter, LiveFilter, Selector, Strategy } from '../streams/selector.js'
import type { Transport } from '../streams/transport.js'
import type { SelectorOptions } from '../actors/selector-options.js'
import type { BrowserOptions } from './browser-options.js'

/** Middleware by the side it is on. In each list the first is the outermost. */
export interface ServiceMiddleware {
  /** Around calls and streams that this service makes. */
  readonly client?: readonly Middleware[]
  /** Around the handlers of this service, Debug included. */
  readonly handler?: readonly Middleware[]
  /** Around the handlers of topics. */
  readonly subscriber?: readonly Middleware[]
}

/**
 * Functions that run around start and stop, one after another. An error before or after the start undoes the start; later ones become events. A service that is only
 * a client and never started runs none.
 */
export interface ServiceHooks {
  readonly beforeStart?: readonly Hook[]
  /** The service is registered and serves. */
  readonly afterStart?: readonly Hook[]
  /** The service still serves. Must not wait for `close`, which waits for it. */
  readonly beforeStop?: readonly Hook[]
  /** Everything is closed. Runs after every start, also one that failed: what `beforeStart` opened can be closed here. */
  readonly afterStop?: readonly Hook[]
}

/** A step of the program's own. */
export type Hook = () => void | Promise<void>

/** How a service stops. */
export interface CloseOptions {
  /** How long calls under way and handlers may take before they are aborted, in milliseconds. @default 10000 */
  readonly timeoutMs?: number
  /** How long old and new connections are served as before after the node has left the registry, in milliseconds, so that watchers notice. @default 500, and 0 with the memory registry */
  readonly lingerMs?: number
}

/** Flags that a service declares of its own, by name: `{ run_client: { kind: 'switch', help: '…' } }`. */
export type OwnFlags = Readonly<Record<string, FlagSpec>>

/**
 * The options of a service. What a flag or an environment variable says goes before what stands here, and that goes before the
 * defaults. An adapter belongs to the service that it is given to: closing the service closes it.
 */
export interface ServiceOptions<F extends OwnFlags = OwnFlags> {
  /** The name in the registry, for example `greeter`. */
  readonly name: string
  /** @default '1.0.0' */
  readonly version?: string
  /** The part of the node id behind the name and a dash. @default a random UUID */
  readonly id?: string
  /** Metadata of the node. @default none */
  readonly metadata?: Metadata

  /** @default mdns() */
  readonly registry?: Registry
  /** @default http() */
  readonly transport?: Transport
  /** @default http(), the inbox of go-micro */
  readonly broker?: Broker
  /** Makes the selector. @default createSelector */
  readonly selector?: (options: SelectorOptions) => Selector
  /** How nodes are chosen where a call does not say. @default powerOfTwo() */
  readonly strategy?: Strategy
  /** Only nodes that pass all of these are called. @default none */
  readonly filters?: readonly (Filter | LiveFilter)[]

  /** Where to listen: `host:port`, `:0` for any free port, `host:5000-6000` for the first free one. @default ':0' */
  readonly address?: string
  /** The host, or `host:port`, that goes into the registry. @default the one listened at; for a wildcard a private IPv4 */
  readonly advertise?: string
  /** How long the registration is good without being renewed, in milliseconds. @default 60000 */
  readonly registerTtlMs?: number
  /** How often it is renewed, in milliseconds; 0: never. Not more than `registerTtlMs`. @default half of `registerTtlMs`, at most 30000 */
  readonly registerIntervalMs?: number

  /** What web pages may do that connect to this service. @default nothing */
  readonly browser?: BrowserOptions

  /** How long a call may take with all its attempts, in milliseconds. @default 5000 */
  readonly timeoutMs?: number
  /** Further attempts after the first, where trying again is safe. @default 1 */
  readonly retries?: number
  /** Content type of calls whose messages have no schema. @default 'application/json' */
  readonly contentType?: string
  /** How go-micro nodes are spoken to that are called by their address: as in 2017, or as in version 1. @default 'rpc' */
  readonly dialect?: 'rpc' | 'mucp'
  /** How JSON without a type is read. @default no bigint, at most 128 levels */
  readonly json?: JsonOptions
  /** How long the last known nodes are used while the registry is out of reach, in milliseconds. @default 60000 */
  readonly staleForMs?: number
  /** How many calls may wait for a connection; one more is `resource_exhausted`. @default 65536 */
  readonly maxWaitingCalls?: number
  /** Most connections to one node. @default 64 */
  readonly maxConnectionsPerNode?: number
  /** How long an idle connection is kept, in milliseconds. @default 45000 */
  readonly idleConnectionMs?: number
  /** How many topic messages of one subscription are handled at once. @default 1 */
  readonly subscriberConcurrency?: number

  readonly middleware?: ServiceMiddleware
  readonly hooks?: ServiceHooks
  /** Flags of the program's own. @default none */
  readonly flags?: F
  /** The words of the command line. Give `[]` to a service whose process has a command line of its own. @default process.argv.slice(2) */
  readonly argv?: readonly string[]
  /** The environment. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where `run` writes its lines. `false`: nowhere. @default standard error */
  readonly log?: false | ((line: string) => void)
  /** @default the machine's clock */
  readonly clock?: Clock
}
