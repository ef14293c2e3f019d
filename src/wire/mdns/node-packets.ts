import { emptyMessage, recordTypes, type DnsMessage, type DnsRecord } from './dns-message.js'

/** A node as its records say it (PROTOCOL section 9.1). */
export interface MdnsNode {
  readonly service: string
  readonly id: string
  readonly domain: string
  /** The name of the machine, without a domain. */
  readonly host: string
  /** An IPv4 or IPv6 address. */
  readonly ip: string
  readonly port: number
  /** What its TXT record holds. */
  readonly strings: readonly string[]
  readonly ttlSeconds: number
}

/** The service whose instances are the names of all services. */
export const listService = '_services'

/** The name that a service is asked for by. */
export function serviceName(service: string, domain: string): string {
  return `${service}.${domain}`
}

/** The name that stands for one node. */
export function instanceName({ id, service, domain }: Pick<MdnsNode, 'id' | 'service' | 'domain'>): string {
  return `${id}.${service}.${domain}`
}

/** The four records of a node, each on its own because answers differ in which they hold. */
export function recordsOf(node: MdnsNode): Readonly<Record<'ptr' | 'srv' | 'address' | 'txt', DnsRecord>> {
  const { ttlSeconds, port, host: target } = node
  const name = instanceName(node)
  const type = node.ip.includes(':') ? 'AAAA' : 'A'
  return {
    ptr: { name: serviceName(node.service, node.domain), ttlSeconds, data: { type: 'PTR', target: name } },
    srv: { name, ttlSeconds, data: { type: 'SRV', priority: 10, weight: 1, port, target } },
    address: { name: target, ttlSeconds, data: { type, address: node.ip } },
    txt: { name, ttlSeconds, data: { type: 'TXT', strings: node.strings } },
  }
}

/** The entry by which a service is listed: answered, never announced (PROTOCOL section 9.1). */
export function listEntry({
  service,
  domain,
  host,
}: Pick<MdnsNode, 'service' | 'domain' | 'host'>): MdnsNode {
  return {
    service: listService,
    id: service,
    domain,
    host,
    ip: '0.0.0.0',
    port: 9_999,
    strings: [],
    ttlSeconds: 120,
  }
}

/** The question for all nodes of a service; with {@link listService}, for all services (PROTOCOL section 9.3). */
export function serviceQuery(service: string, domain: string, id: number): DnsMessage {
  const question = { name: serviceName(service, domain), type: recordTypes.PTR, unicast: false }
  return { ...emptyMessage, id, questions: [question] }
}

/** What asks whether somebody else uses the node's name: a query that shows its own records (PROTOCOL section 9.4). */
export function probe(node: MdnsNode, id: number): DnsMessage {
  const { srv, txt } = recordsOf(node)
  const question = { name: srv.name, type: recordTypes.PTR, unicast: false }
  const claim: DnsRecord = {
    ...srv,
    data: { type: 'SRV', priority: 0, weight: 0, port: node.port, target: node.host },
  }
  return { ...emptyMessage, id, questions: [question], authorities: [claim, txt] }
}

/** What tells everybody about a node (PROTOCOL section 9.4): no PTR, not authoritative. Written without compression. */
export function announcement(node: MdnsNode): DnsMessage {
  const { srv, address, txt } = recordsOf(node)
  return { ...emptyMessage, response: true, answers: [srv, address, txt] }
}

/** What takes an announcement back. */
export function goodbye(node: MdnsNode): DnsMessage {
  return announcement({ ...node, ttlSeconds: 0 })
}
