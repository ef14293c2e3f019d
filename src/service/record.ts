import { endpointRecord, subscriberRecord } from '../streams/endpoint-record.js'
import type { ServiceRecord } from '../streams/registry.js'
import type { ServedEndpoint } from '../streams/server.js'
import type { Parts } from './parts.js'
import type { ServiceSettings } from './settings.js'
import type { SubscriberSpec } from './subscribers.js'

/** The id of a node: the service's name, a dash, and its own part (PROTOCOL section 8). */
export function nodeId({ name, id }: Pick<ServiceSettings, 'name' | 'id'>): string {
  return `${name}-${id}`
}

/** What a service puts into the registry: what go-micro puts there, with the names of the adapters in the node's metadata. */
export function serviceRecord(
  settings: ServiceSettings,
  address: string,
  { registry, transport, broker }: Pick<Parts, 'registry' | 'transport' | 'broker'>,
  endpoints: readonly ServedEndpoint[],
  subscribers: readonly SubscriberSpec[],
): ServiceRecord {
  const shown = endpoints.filter(({ internal }) => !internal)
  return {
    name: settings.name,
    version: settings.version,
    metadata: {},
    endpoints: [
      ...shown.map(({ definition }) => endpointRecord(definition)),
      ...subscribers
        .filter(({ options }) => options.internal !== true)
        .map(({ name, topic, type }) => subscriberRecord(name, topic, type)),
    ],
    nodes: [
      {
        id: nodeId(settings),
        address,
        metadata: {
          ...settings.metadata,
          transport: transport.name,
          broker: broker.name,
          server: 'rpc',
          protocol: 'mucp', // clients of go-micro's version 1 speak their own dialect to it
          registry: registry.name,
          ...(transport.offers === undefined ? {} : { headrace: transport.offers }),
        },
      },
    ],
  }
}
