import { isIP } from 'node:net'
import {
  ServiceError,
  checkService,
  parseAddress,
  type RegisterOptions,
  type ServiceRecord,
} from '../../../streams/index.js'
import { listService, type MdnsNode } from '../../../wire/mdns/node-packets.js'
import type { Compression } from '../../../wire/compression.js'
import { packText, writeServiceText } from '../../../wire/mdns/service-text.js'

/** The TTL of go-micro's records, for a registration that has no time to live of its own. */
const defaultTtlSeconds = 120

/** What the records of all nodes of this process have in common. */
export interface PublishedAt {
  readonly domain: string
  readonly host: string
  readonly compression: Compression
}

/**
 * The nodes of a service as they are announced. Throws `bad_request` for what multicast DNS cannot carry: an address without port,
 * a host name in place of an IP address. Metadata of the service itself does not travel: the wire has no place for it.
 */
export function publishedNodes(
  service: ServiceRecord,
  options: RegisterOptions | undefined,
  { domain, host, compression }: PublishedAt,
): readonly MdnsNode[] {
  checkService('mdns registry', service, options)
  if (service.name === listService)
    throw refusal(service, `the name '${listService}' is kept for the list of services`)
  const { name, version, endpoints } = service
  const ttlSeconds = options?.ttlMs === undefined ? defaultTtlSeconds : Math.ceil(options.ttlMs / 1_000)
  return service.nodes.map(({ id, address, metadata }) => {
    const text = writeServiceText({ service: name, version, endpoints, metadata })
    const { host: ip, port } = parseAddress(address)
    if (isIP(ip) === 0 || port === 0)
      throw refusal(service, `node '${id}' has the address '${address}'; it must be an IP address and a port`)
    return { service: name, id, domain, host, ip, port, strings: packText(text, compression), ttlSeconds }
  })
}

function refusal(service: ServiceRecord, what: string): ServiceError {
  return new ServiceError('bad_request', `mdns registry: cannot register service '${service.name}': ${what}`)
}
