import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { binary, type Codec } from './raw/codec.js'
import { kinds } from './raw/frame-socket.js'
import { hundredBytes, type Peer, type PeerClient } from './peer.js'

/** A frame is 4 bytes of the number of its call, 1 of its kind, and the body. */
const headBytes = 5
/** So many bytes may wait in a socket before a stream waits, too. */
const most = 256 * 1024

/** What people write by hand over WebSockets: binary messages, calls told apart by a number, the codec of `raw`. */
export const ws: Peer = {
  about: 'ws, calls multiplexed by hand in binary messages, the codec of `raw`',

  async serve() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
    await once(server, 'listening')
    server.on('connection', socket => socket.on('message', (data: Buffer) => void answer(socket, data)))
    const { port } = server.address() as AddressInfo
    return {
      address: `ws://127.0.0.1:${port}`,
      close: async () => {
        for (const client of server.clients) client.terminate()
        await new Promise(done => server.close(done))
      },
    }
  },

  async connect(_, address) {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => open(address)))
    return new WsClient(sockets)
  },
}

async function answer(socket: WebSocket, data: Buffer): Promise<void> {
  const id = data.readUInt32LE(0)
  const kind = data[4]
  const body = [data, headBytes, data.length] as const
  switch (kind) {
    case kinds.call:
      return socket.send(
        frame(id, kind, binary.greeting, { greeting: `Hello ${binary.name.read(...body).name}` }),
      )
    case kinds.texts: {
      const { count } = binary.count.read(...body)
      for (let sent = 0; sent < count; sent += 1) {
        socket.send(frame(id, kinds.item, binary.text, { text: hundredBytes }))
        if (socket.bufferedAmount > most) await new Promise<void>(sent => setImmediate(sent))
      }
      return socket.send(frame(id, kinds.end, binary.count, { count: 0 }))
    }
    case kinds.echoes:
      return
    default:
      socket.send(frame(id, kind ?? 0, binary.text, binary.text.read(...body)))
  }
}

class WsClient implements PeerClient {
  private readonly pending = new Map<
    number,
    { items: number; readonly resolve: (data: Buffer, items: number) => void }
  >()
  private ids = 0

  constructor(private readonly sockets: readonly WebSocket[]) {
    for (const socket of sockets) socket.on('message', (data: Buffer) => this.heard(data))
  }

  call(name: string): Promise<{ greeting: string }> {
    return this.ask(kinds.call, binary.name, { name }, data =>
      binary.greeting.read(data, headBytes, data.length),
    )
  }

  echo(payload: string): Promise<unknown> {
    return this.ask(kinds.echo, binary.payload, { payload }, data =>
      binary.payload.read(data, headBytes, data.length),
    )
  }

  serverStream(count: number): Promise<number> {
    return this.ask(kinds.texts, binary.count, { count }, (_, items) => items)
  }

  async bidi(count: number): Promise<number> {
    const done = this.ask(kinds.echoes, binary.count, { count }, (_, items) => items)
    const id = this.ids
    for (let sent = 0; sent < count; sent += 1) {
      this.first.send(frame(id, kinds.item, binary.text, { text: hundredBytes }))
      if (this.first.bufferedAmount > most) await new Promise<void>(sent => setImmediate(sent))
    }
    this.first.send(frame(id, kinds.end, binary.count, { count: 0 }))
    return done
  }

  publish(subscribers: number): Promise<unknown> {
    const event = { text: hundredBytes }
    return Promise.all(
      this.sockets
        .slice(0, subscribers)
        .map(socket => this.ask(kinds.event, binary.text, event, () => undefined, socket)),
    )
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate()
  }

  private get first(): WebSocket {
    const [first] = this.sockets
    if (first === undefined) throw new Error('no socket')
    return first
  }

  private ask<T, R>(
    kind: number,
    codec: Codec<T>,
    value: T,
    read: (data: Buffer, items: number) => R,
    socket = this.first,
  ): Promise<R> {
    this.ids = (this.ids + 1) >>> 0
    const id = this.ids
    return new Promise(resolve => {
      this.pending.set(id, { items: 0, resolve: (data, items) => resolve(read(data, items)) })
      socket.send(frame(id, kind, codec, value))
    })
  }

  private heard(data: Buffer): void {
    const id = data.readUInt32LE(0)
    const pending = this.pending.get(id)
    if (pending === undefined) return
    if (data[4] === kinds.item) {
      binary.text.read(data, headBytes, data.length)
      pending.items += 1
      return
    }
    this.pending.delete(id)
    pending.resolve(data, pending.items)
  }
}

function frame<T>(id: number, kind: number, codec: Codec<T>, value: T): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + codec.most(value))
  bytes.writeUInt32LE(id, 0)
  bytes[4] = kind
  return bytes.subarray(0, codec.write(value, bytes, headBytes))
}

async function open(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}
