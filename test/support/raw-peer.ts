import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { firstMessage, type HttpBytes } from './http-bytes.js'
import { connectTo } from './raw-http.js'

/** One end of a TCP connection that reads whole HTTP messages, in order. */
export interface RawPeer {
  write(bytes: Uint8Array | string): void
  /** Half-closes. */
  end(): void
  /** Breaks the connection off. */
  destroy(): void
  /** The next message. Rejects when the connection ends before it is whole. */
  message(): Promise<HttpBytes>
  /** Resolves when the other end has half-closed or closed, with the bytes that no message has taken. */
  ended(): Promise<Buffer>
}

/** A socket as a peer. */
function rawPeer(socket: Socket): RawPeer {
  let got: Buffer = Buffer.alloc(0)
  let over = false
  const waiting = new Set<() => void>()
  const wake = () => waiting.forEach(resume => resume())
  const finish = () => {
    over = true
    wake()
  }
  socket.on('data', chunk => {
    got = Buffer.concat([got, chunk])
    wake()
  })
  socket.on('end', finish).on('close', finish).on('error', finish)

  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = () => {
        try {
          const found = find()
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        } catch (error) {
          waiting.delete(look)
          reject(error)
        }
      }
      waiting.add(look)
      look()
    })

  return {
    write: bytes => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    message: () =>
      until(() => {
        const message = firstMessage(got)
        if (message !== undefined) got = got.subarray(message.size)
        else if (over) throw new Error(`the connection ended after ${JSON.stringify(got.toString('latin1'))}`)
        return message
      }),
    ended: () => until(() => (over ? got : undefined)),
  }
}

/** A peer that has dialled `host:port`. */
export async function dialRaw(address: string): Promise<RawPeer> {
  const socket = connectTo(address)
  const peer = rawPeer(socket)
  await once(socket, 'connect')
  return peer
}

/** A listener at loopback that plays `script` with each connection. */
export interface ScriptedServer {
  readonly address: string
  /** How many connections there were. */
  readonly accepted: number
  /** Closes it. Rejects with what a script failed with. */
  close(): Promise<void>
}

/** Starts a scripted server. */
export async function scriptedServer(script: (peer: RawPeer) => Promise<void>): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const played: Promise<void>[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    const play = script(rawPeer(socket))
    // A script that fails is told by close(); its connection ends at once, so that the client does not wait.
    play.catch(() => socket.destroy())
    played.push(play)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    get accepted() {
      return sockets.size
    },
    async close() {
      server.close()
      try {
        await Promise.all(played)
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    },
  }
}
