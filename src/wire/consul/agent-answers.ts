import { ServiceError, formatAddress, type ServiceRecord } from '../../streams/index.js'
import { fieldsOf } from '../service-json.js'
import { hasVersion, readServiceTags, type TagReader } from './service-tags.js'

/**
 * Reads the answer to `GET /v1/health/service/<name>`: one record with one node for each entry that is no foreign service and has no critical check
 * (PROTOCOL section 10). Throws `unavailable` when it is no list.
 */
export function readHealthyNodes(body: unknown, name: string, reader: TagReader): readonly ServiceRecord[] {
  if (!Array.isArray(body))
    throw new ServiceError('unavailable', `consul: the nodes of ${name} are no list but ${typeof body}`)
  return body.flatMap(entry => readEntry(fieldsOf(entry), name, reader) ?? [])
}

/**
 * Reads the answer to `GET /v1/catalog/services`: the names of the services that say a version, sorted. Throws `unavailable` when it is no object.
 */
export function readServiceNames(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ServiceError('unavailable', `consul: the list of services is no object but ${typeof body}`)
  return Object.entries(body)
    .filter(([, tags]) => hasVersion(textsOf(tags)))
    .map(([name]) => name)
    .sort()
}

type Fields = Readonly<Record<string, unknown>>

function readEntry(entry: Fields, name: string, reader: TagReader): ServiceRecord | undefined {
  const service = fieldsOf(entry['Service'])
  const { ID: id } = service
  if (service['Service'] !== name || typeof id !== 'string' || id === '' || isCritical(entry))
    return undefined
  const tags = readServiceTags(textsOf(service['Tags']), reader)
  const address = addressOf(service, fieldsOf(entry['Node']))
  if (tags === undefined || address === undefined) return undefined
  const { version, endpoints, metadata } = tags
  return { name, version, metadata: {}, endpoints, nodes: [{ id, address, metadata }] }
}

function isCritical(entry: Fields): boolean {
  const { Checks: checks } = entry
  return Array.isArray(checks) && checks.some(check => fieldsOf(check)['Status'] === 'critical')
}

/** Nodes of go-micro since July 2019 have the port in the address. */
const hasPort = /^([^:]+|\[.+\]):\d{1,5}$/

/** A service without an address of its own is at that of its agent. */
function addressOf({ Address: own, Port: port }: Fields, agent: Fields): string | undefined {
  const host = own === '' || own === undefined ? agent['Address'] : own
  if (typeof host !== 'string' || host === '') return undefined
  if (hasPort.test(host)) return host
  return typeof port === 'number' && port > 0 ? formatAddress(host, port) : host
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}
