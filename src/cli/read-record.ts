import {
  ServiceError,
  formatAddress,
  parseAddress,
  type NodeRecord,
  type ServiceRecord,
} from '../streams/index.js'
import { endpointsFromJson, fieldsOf, metadataFromJson } from '../wire/service-json.js'
import { readJson } from './read-json.js'

/**
 * Reads a service record as `get --json` prints it, alone or as the only one of a list, or as go-micro's tools do (a node may have a `port` beside its `address`).
 * Throws `bad_request` that names the field.
 */
export function readRecord(text: string): ServiceRecord {
  const value = readJson(text, 'the record')
  const record = fieldsOf(Array.isArray(value) && value.length === 1 ? value[0] : value)
  const { nodes, endpoints, metadata } = record
  if (!Array.isArray(nodes) || nodes.length === 0) throw wrong('nodes', 'a list with at least one node')
  return {
    name: textOf(record['name'], 'name'),
    version: record['version'] === undefined ? '1.0.0' : textOf(record['version'], 'version'),
    metadata: metadataFromJson(metadata),
    endpoints: endpointsFromJson(endpoints),
    nodes: nodes.map(readNode),
  }
}

function readNode(value: unknown, at: number): NodeRecord {
  const { id, address, port, metadata } = fieldsOf(value)
  const host = textOf(address, `nodes[${at}].address`)
  const whole = typeof port === 'number' && port > 0 ? formatAddress(host, port) : host
  parseAddress(whole)
  return { id: textOf(id, `nodes[${at}].id`), address: whole, metadata: metadataFromJson(metadata) }
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw wrong(field, 'a text that is not empty')
}

function wrong(field: string, wanted: string): ServiceError {
  return new ServiceError('bad_request', `the record: ${field} must be ${wanted}`)
}
