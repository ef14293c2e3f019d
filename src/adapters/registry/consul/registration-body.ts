import type { CheckOptions } from 'consul/lib/agent/check.js'
import { ServiceError, parseAddress, type NodeRecord, type ServiceRecord } from '../../../streams/index.js'
import type { Compression } from '../../../wire/compression.js'
import { writeServiceTags } from '../../../wire/consul/service-tags.js'
import { ttlCheck } from '../../../wire/consul/ttl-check.js'

/** What the library registers a node with. */
export interface RegistrationBody {
  readonly id: string
  readonly name: string
  readonly tags: string[]
  readonly address: string
  readonly port: number
  readonly check?: CheckOptions
}

/** The registration of a node (PROTOCOL section 10). Throws `bad_request` for an address with a port that is none. */
export function registrationBody(
  { name, version, endpoints }: ServiceRecord,
  { id, address, metadata }: NodeRecord,
  ttlMs: number | undefined,
  compression: Compression,
): RegistrationBody {
  const tags = [...writeServiceTags({ version, endpoints, metadata }, compression)]
  const { host, port } = placeOf(address)
  const body = { id, name, tags, address: host, port }
  if (ttlMs === undefined) return body
  const { ttl, deregisterAfter } = ttlCheck(ttlMs)
  // The library's types ask for a name and a timeout as well, which checks of other kinds have.
  const check = { ttl, deregistercriticalserviceafter: deregisterAfter } as CheckOptions
  return { ...body, check }
}

/** A node may have no port: then its address is a host alone, and the port is 0. */
function placeOf(address: string): { readonly host: string; readonly port: number } {
  if (/^[^\s:[\]/@]+$/.test(address)) return { host: address, port: 0 }
  try {
    return parseAddress(address)
  } catch (cause) {
    const text = `consul registry: '${address}' cannot be registered; write host:port or [::1]:8080`
    throw new ServiceError('bad_request', text, { cause })
  }
}
