import { createService, type Service } from 'headrace'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import { clientOf } from './headrace/client.js'
import { protobuf } from './headrace/definitions.js'
import { handleAll } from './headrace/serve.js'
import type { Peer } from './peer.js'

/** A service and its client in the client's process; the server's process does nothing. */
export const headraceMemory: Peer = {
  about: 'headrace, memory transport, protobuf, both ends in one process',

  serve: async () => ({ address: '', close: async () => undefined }),

  async connect(run) {
    const definitions = await protobuf()
    const registries = createRegistryHub()
    const sockets = createTransportHub()
    const serviceOf = (role: string): Service =>
      createService({
        name: `${run.name}-${role}`,
        registry: memoryRegistry({ hub: registries }),
        transport: memoryTransport({ hub: sockets }),
        argv: [],
        env: {},
        log: false,
      })
    const server = serviceOf('server')
    handleAll(server, definitions, run)
    await server.start()
    const client = clientOf(serviceOf('client'), definitions, run, server.name)
    const close = async () => {
      await client.close()
      await server.close()
    }
    const { publish: _, publishMany: __, ...others } = client
    return { ...others, close }
  },
}
