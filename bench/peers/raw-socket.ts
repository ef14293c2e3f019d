import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { FrameSocket } from './raw-socket/frame-socket.js'
import { RawClient } from './raw-socket/client.js'
import { answer } from './raw-socket/server.js'
import type { Peer } from './peer.js'

/**
 * The limit: JSON in length-prefixed frames, all calls on one connection, told apart by a number, one write for each turn of the event
 * loop. No names, no errors, no deadlines, no cancellation, no balancing.
 */
export const rawSocket: Peer = {
  about: 'JSON in length-prefixed frames on one socket, written by hand',

  async serve() {
    const sockets = new Set<Socket>()
    const server = createServer({ noDelay: true }, socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      const frames = new FrameSocket(socket, frame => void answer(frames, frame))
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
    const sockets = await Promise.all(Array.from({ length: 8 }, () => open(Number(address))))
    return new RawClient(sockets)
  },
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}
