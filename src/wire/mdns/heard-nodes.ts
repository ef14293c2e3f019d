import type { DnsMessage, DnsRecord } from './dns-message.js'
import { listService, serviceName } from './node-packets.js'

/** What a message says about one node. */
export type HeardNode =
  | { readonly kind: 'goodbye'; readonly instance: string }
  | {
      readonly kind: 'node'
      readonly instance: string
      readonly ttlSeconds: number
      readonly ip: string
      readonly port: number
      readonly strings: readonly string[]
    }

interface Pieces {
  ttlSeconds: number
  ipv4?: string
  ipv6?: string
  port?: number
  strings?: readonly string[]
}

/**
 * The nodes that a response describes completely, and those it takes back with a TTL of 0 (PROTOCOL sections 9.3 and 9.5). As
 * go-micro reads: an address belongs to the instance whose SRV record named its host last. Incomplete nodes are left out.
 */
export function readHeardNodes(message: DnsMessage): readonly HeardNode[] {
  if (!message.response || !message.plain) return []
  const nodes = new Map<string, Pieces>()
  const owners = new Map<string, string>()
  for (const record of [...message.answers, ...message.additionals]) collect(record, nodes, owners)
  return [...nodes].flatMap(([instance, pieces]) => finish(instance, pieces))
}

/** The names of the services in an answer to the list question. */
export function readServiceNames(message: DnsMessage, domain: string): readonly string[] {
  const list = serviceName(listService, domain)
  const targets = [...message.answers, ...message.additionals].flatMap(({ name, data, ttlSeconds }) =>
    name === list && data.type === 'PTR' && ttlSeconds > 0 ? [data.target] : [],
  )
  return targets
    .filter(target => target.endsWith(`.${list}`))
    .map(target => target.slice(0, -list.length - 1))
    .filter(service => service !== '')
}

function collect(
  { name, ttlSeconds, data }: DnsRecord,
  nodes: Map<string, Pieces>,
  owners: Map<string, string>,
): void {
  const instance = instanceOf(name, data, owners)
  if (instance === undefined) return
  const pieces = nodes.get(instance) ?? { ttlSeconds }
  nodes.set(instance, pieces)
  pieces.ttlSeconds = Math.min(pieces.ttlSeconds, ttlSeconds)
  if (data.type === 'SRV') pieces.port = data.port
  else if (data.type === 'TXT') pieces.strings = data.strings
  else if (data.type === 'A') pieces.ipv4 = data.address
  else if (data.type === 'AAAA') pieces.ipv6 = data.address
}

function instanceOf(name: string, data: DnsRecord['data'], owners: Map<string, string>): string | undefined {
  switch (data.type) {
    case 'PTR':
      return data.target
    case 'SRV':
      owners.set(data.target, name)
      return name
    case 'TXT':
      return name
    default:
      return owners.get(name)
  }
}

function finish(instance: string, { ttlSeconds, ipv4, ipv6, port, strings }: Pieces): readonly HeardNode[] {
  if (ttlSeconds === 0) return [{ kind: 'goodbye', instance }]
  const ip = ipv4 ?? ipv6
  if (ip === undefined || port === undefined || strings === undefined || strings.length === 0) return []
  return [{ kind: 'node', instance, ttlSeconds, ip, port, strings }]
}
