import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { RawClient } from './raw/client.js'
import { binary, json, type Codecs } from './raw/codec.js'
import { serveSocket } from './raw/server.js'
import type { Peer } from './peer.js'

/**
 * The limit: length-prefixed frames written by hand, all calls on one connection, told apart by a number, a promise for each, one write for
 * each turn of the event loop. No names, no errors, no deadlines, no cancellation, no balancing.
 */
export const raw = rawWith(binary, 'a binary codec written for each type')

/** @see raw */
export const rawJson = rawWith(json, 'JSON')

function rawWith(codecs: Codecs, named: string): Peer {
  return {
    about: `length-prefixed frames on one socket, written by hand, ${named}`,

    async serve() {
      const sockets = new Set<Socket>()
      const server = createServer({ noDelay: true }, socket => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket))
        serveSocket(socket, codecs)
      })
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
      const { port } = server.address() as AddressInfo
      return {
        address: String(port),
        close: async () => {
          for (const socket of sockets) socket.destroy()
          await new Promise(done => server.close(done))
        },
      }
    },

    async connect(_, address) {
      const port = Number(address)
      const others = Array.from({ length: 7 }, () => open(port))
      return new RawClient([await open(port), ...(await Promise.all(others))], codecs)
    },
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
