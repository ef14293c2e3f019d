import { formatAddress, type ServiceRecord } from 'headrace/streams'
import { endpointsFromJson, metadataFromJson } from '../../src/wire/service-json.js'

/** A service as go-micro writes it in JSON: an address without port, in version 1 with it, and `null` for what is empty. */
export interface GoService {
  readonly name: string
  readonly version: string
  readonly metadata: unknown
  readonly endpoints: unknown
  readonly nodes: readonly GoNode[]
}

interface GoNode {
  readonly id: string
  readonly address: string
  readonly port?: number
  readonly metadata: unknown
}

/** The same service as headrace holds it. */
export function serviceFromGo({ name, version, metadata, endpoints, nodes }: GoService): ServiceRecord {
  return {
    name,
    version,
    metadata: metadataFromJson(metadata),
    endpoints: endpointsFromJson(endpoints),
    nodes: nodes.map(node => ({
      id: node.id,
      address: node.port === undefined ? node.address : formatAddress(node.address, node.port),
      metadata: metadataFromJson(node.metadata),
    })),
  }
}
