import { ServiceError } from './errors.js'
import type { RegisterOptions, ServiceRecord } from './registry.js'

/**
 * What every registry refuses: a service without name, version or nodes, a node without id or address, an id twice, a TTL
 * that is not a positive number. Throws `bad_request` that names the field.
 */
export function checkService(owner: string, service: ServiceRecord, options: RegisterOptions = {}): void {
  const refuse = (what: string) => {
    throw new ServiceError('bad_request', `${owner}: cannot register service '${service.name}': ${what}`)
  }
  if (service.name === '') refuse('its name is empty')
  if (service.version === '') refuse('its version is empty')
  if (service.nodes.length === 0) refuse('it has no nodes')
  const ids = new Set<string>()
  for (const { id, address } of service.nodes) {
    if (id === '') refuse('a node has an empty id')
    if (address === '') refuse(`node '${id}' has an empty address`)
    if (ids.has(id)) refuse(`node id '${id}' is there twice`)
    ids.add(id)
  }
  const { ttlMs } = options
  if (ttlMs !== undefined && !(Number.isFinite(ttlMs) && ttlMs > 0))
    refuse(`ttlMs must be a positive number of milliseconds, not ${ttlMs}`)
}
