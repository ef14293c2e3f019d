import type { SecureContextOptions } from 'node:tls'
import {
  ServiceError,
  count,
  formatAddress,
  given,
  milliseconds,
  parseAddress,
  resolveOptions,
  systemClock,
  type Clock,
  type OptionRule,
  type OptionRules,
} from '../../../streams/index.js'

/** TLS to the agents: what `node:tls` takes for certificates and keys (`ca`, `cert`, `key` …), and two more. */
export interface ConsulTlsOptions extends SecureContextOptions {
  /** The name that an agent's certificate must carry. @default the host that is dialled */
  readonly serverName?: string
  /** Accepts any certificate. Whoever is on the way can then read and change everything. @default false */
  readonly insecureSkipVerify?: boolean
}

/** Options of the Consul registry. */
export interface ConsulOptions {
  /** The agents, `host:port` or `host`, which has port 8500. The first that answers is used until it fails, then the next. @default ['127.0.0.1:8500'] */
  readonly addresses?: readonly string[]
  /** TLS on every connection, with `{}` for the defaults of Node. @default none: plain HTTP */
  readonly tls?: ConsulTlsOptions
  /** The ACL token that goes with every request. @default none */
  readonly token?: string
  /** The datacentre that is looked into. Nodes are registered at the agent, in the agent's own. @default the agent's */
  readonly datacentre?: string
  /** How long an agent may hold a watch's question until something changes, in milliseconds. @default 30000 */
  readonly waitMs?: number
  /** How long any other answer may take, in milliseconds; that of a watch's question this much longer than `waitMs`. @default 5000 */
  readonly timeoutMs?: number
  /** The longest pause of a watch between questions that brought nothing new, in milliseconds. @default 1000 */
  readonly maxPauseMs?: number
  /** The largest answer that is read, in bytes. @default 8388608 */
  readonly maxAnswerBytes?: number
  /** The longest text of a tag that is read, in bytes after decompression. @default 65536 */
  readonly maxTextBytes?: number
  /** The most nodes that a watch or a look-up holds. @default 10000 */
  readonly maxNodes?: number
  /** How many questions a watch of all services, or a `close`, has under way at once. @default 8 */
  readonly concurrency?: number
  /** Time and chance. @default the machine's */
  readonly clock?: Clock
}

/** The options with every default filled in. */
export type ResolvedConsulOptions = Required<Omit<ConsulOptions, 'tls' | 'token' | 'datacentre'>> & {
  readonly tls: ConsulTlsOptions | undefined
  readonly token: string | undefined
  readonly datacentre: string | undefined
}

const defaultPort = 8_500

const rules: OptionRules<ResolvedConsulOptions> = {
  addresses: {
    fallback: [formatAddress('127.0.0.1', defaultPort)],
    check: value =>
      Array.isArray(value) && value.length > 0 && value.every(isAddress)
        ? undefined
        : 'a list of one or more host:port',
  },
  tls: given<ConsulTlsOptions | undefined>(undefined),
  token: optionalText('a token that is not empty'),
  datacentre: optionalText('the name of a datacentre'),
  waitMs: milliseconds(30_000, 10),
  timeoutMs: milliseconds(5_000, 1),
  maxPauseMs: milliseconds(1_000),
  maxAnswerBytes: count(8 * 1024 * 1024, 1_024),
  maxTextBytes: count(65_536, 1_024),
  maxNodes: count(10_000),
  concurrency: count(8),
  clock: given<Clock>(systemClock),
}

/** Fills in the defaults. Throws `bad_request` that names the field. */
export function resolveConsulOptions(options: ConsulOptions | undefined): ResolvedConsulOptions {
  const resolved = resolveOptions<ResolvedConsulOptions>('consul registry', options, rules)
  return { ...resolved, addresses: [...new Set(resolved.addresses.map(withPort))] }
}

function optionalText(expected: string): OptionRule<string | undefined> {
  return {
    fallback: undefined,
    check: value => (typeof value === 'string' && value !== '' ? undefined : expected),
  }
}

function withPort(address: string): string {
  return /:\d+$/.test(address) && !isBareIpv6(address) ? address : formatAddress(bare(address), defaultPort)
}

function isBareIpv6(address: string): boolean {
  return !address.startsWith('[') && address.indexOf(':') !== address.lastIndexOf(':')
}

function bare(address: string): string {
  return address.replace(/^\[(.*)\]$/, '$1')
}

function isAddress(value: unknown): boolean {
  // What has a meaning of its own in a URL is no part of a host.
  if (typeof value !== 'string' || value === '' || /[?#%\\]/.test(value)) return false
  try {
    parseAddress(withPort(value))
    return true
  } catch (error) {
    if (error instanceof ServiceError) return false
    throw error
  }
}
