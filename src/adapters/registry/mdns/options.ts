import { isIP } from 'node:net'
import { hostname } from 'node:os'
import {
  count,
  given,
  milliseconds,
  resolveOptions,
  systemClock,
  text,
  type Clock,
  type OptionRule,
} from '../../../streams/index.js'

/** Options of the mDNS registry. */
export interface MdnsOptions {
  /** An IPv4 or IPv6 address of this machine: only the interface that has it is used. `127.0.0.1` keeps everything on this machine. @default all interfaces */
  readonly interface?: string
  /** The domains that services are in: what is registered is announced in each, and what is in any of them is seen. go-micro of 2017 has `local`, version 1 has `micro`. @default ['local', 'micro'] */
  readonly domains?: readonly string[]
  /** How long answers to a question are collected, in milliseconds; a watch of one service begins as soon as some have come and a fifth of that passes without news. @default 100 */
  readonly queryMs?: number
  /** How long a watch of one service that nobody answers goes on asking before it says that there is none, in milliseconds; at least `queryMs`. Nodes on a busy machine are slow to answer. @default 500 */
  readonly absentMs?: number
  /** The UDP port of multicast DNS. Only programs with the same port see each other. @default 5353 */
  readonly port?: number
  /** The name of this machine in records, at most 63 bytes between dots. @default the operating system's */
  readonly host?: string
  /** The largest packet that is sent or read, in bytes. @default 65507 */
  readonly maxPacketBytes?: number
  /** The longest text of a node that is read, in bytes after decompression. @default 65536 */
  readonly maxTextBytes?: number
  /** The most nodes a watch or a look-up remembers. @default 10000 */
  readonly maxNodes?: number
  /** The most memory a watch or a look-up uses for nodes, in bytes. @default 33554432 */
  readonly maxCacheBytes?: number
  /** Time and chance. @default the machine's */
  readonly clock?: Clock
}

/** The options with every default filled in. `interface` is empty for all interfaces. */
export function resolveMdnsOptions(options: MdnsOptions | undefined): Required<MdnsOptions> {
  return resolveOptions<Required<MdnsOptions>>('mdns registry', options, {
    interface: {
      fallback: '',
      check: value => (isAddress(value) ? undefined : 'an IP address of this machine'),
    },
    domains: domainNames,
    queryMs: milliseconds(100, 1),
    absentMs: milliseconds(500, 1),
    port: { ...count(5_353), check: value => (isPort(value) ? undefined : 'a port from 1 to 65535') },
    host: text(firstLabels(hostname())),
    maxPacketBytes: count(65_507, 512),
    maxTextBytes: count(65_536, 1_024),
    maxNodes: count(10_000),
    maxCacheBytes: count(33_554_432, 65_536),
    clock: given(systemClock),
  })
}

const domainNames: OptionRule<readonly string[]> = {
  fallback: ['local', 'micro'],
  check: value =>
    Array.isArray(value) && value.length > 0 && value.every(isDomain)
      ? undefined
      : "a list of names such as 'local'",
}

function isDomain(value: unknown): boolean {
  return typeof value === 'string' && /^[^.\s]{1,63}(\.[^.\s]{1,63})*$/.test(value)
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && isIP(value) !== 0
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
}

/** The machine's name as DNS can carry it. */
function firstLabels(name: string): string {
  const labels = name.split('.').filter(label => label !== '')
  return labels.length === 0 ? 'localhost' : labels.map(label => label.slice(0, 63)).join('.')
}
