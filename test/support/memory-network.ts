import { createService, type Service, type ServiceOptions } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import type { Transport } from 'headrace/streams'

/** Services that meet in hubs of their own. */
export interface MemoryNetwork {
  makeService(name: string, options?: Partial<ServiceOptions>): Service
  /** The same, but who makes it closes it: the network keeps nothing of it. */
  makeOwnService(name: string, options?: Partial<ServiceOptions>): Service
  /** Closes every service that was made. */
  close(): Promise<void>
}

/** A network in this process; `transport` makes another transport for each service. */
export function createMemoryNetwork(transport?: () => Transport): MemoryNetwork {
  const hubs = { registry: createRegistryHub(), transport: createTransportHub(), broker: createBrokerHub() }
  const services: Service[] = []
  const makeOwnService: MemoryNetwork['makeOwnService'] = (name, options = {}) =>
    createService({
      name,
      argv: [],
      env: {},
      log: false,
      address: '127.0.0.1:0',
      registry: memoryRegistry({ hub: hubs.registry }),
      transport: transport?.() ?? memoryTransport({ hub: hubs.transport }),
      broker: memoryBroker({ hub: hubs.broker }),
      ...options,
    })
  return {
    makeOwnService,
    makeService(name, options) {
      const service = makeOwnService(name, options)
      services.push(service)
      return service
    },
    close: async () => void (await Promise.all(services.map(service => service.close({ lingerMs: 0 })))),
  }
}
