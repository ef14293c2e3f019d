import { createService, type Service } from 'headrace'
import { clientOf } from './headrace/client.js'
import { json, protobuf, type Definitions } from './headrace/definitions.js'
import { handleAll } from './headrace/serve.js'
import type { Peer, Run } from './peer.js'

/** Both ends as a user has them: every option at its default, multicast DNS and sockets on the loopback interface. */
export const headraceProtobuf = headraceWith('http', protobuf, 'fast lane, protobuf')

/** @see headraceProtobuf */
export const headraceJson = headraceWith('http', async () => json, 'fast lane, JSON')

/** Without the fast lane: go-micro's HTTP. */
export const headracePlainProtobuf = headraceWith('http-plain', protobuf, 'plain HTTP, protobuf')

/** @see headracePlainProtobuf */
export const headracePlainJson = headraceWith('http-plain', async () => json, 'plain HTTP, JSON')

function headraceWith(transport: string, load: () => Promise<Definitions>, named: string): Peer {
  return {
    about: `headrace, ${named}, multicast DNS`,

    async serve(run) {
      const service = serviceOf(run, 'server', transport)
      handleAll(service, await load(), run)
      await service.start()
      return { address: service.name, close: () => service.close({ lingerMs: 0 }) }
    },

    async connect(run, server) {
      const client = clientOf(serviceOf(run, 'client', transport), await load(), run, server)
      // A stream of the plain wire is a connection, and of those a client opens 64 to one address.
      if (transport === 'http-plain') delete client.openStreams
      return client
    },
  }
}

function serviceOf(run: Run, role: string, transport: string): Service {
  return createService({
    name: `${run.name}-${role}`,
    address: '127.0.0.1:0',
    argv: [`--transport=${transport}`, '--registry_address=127.0.0.1', '--broker_address=127.0.0.1:0'],
    env: {},
    log: false,
  })
}
