import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import type { Example } from '../../examples/run-example.js'

/** A network of memory adapters for one run of an example: each call gives the options of one more service on it. */
export function createExampleNetwork(): Example['options'] {
  const [registry, transport, broker] = [createRegistryHub(), createTransportHub(), createBrokerHub()]
  return () => ({
    argv: [],
    env: {},
    log: false,
    address: '127.0.0.1:0',
    registry: memoryRegistry({ hub: registry }),
    transport: memoryTransport({ hub: transport }),
    broker: memoryBroker({ hub: broker }),
  })
}
