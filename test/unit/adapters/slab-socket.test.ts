import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectSlabSocket } from 'headrace/adapters/slab-socket'

let server: Server
let socket: Socket
let peer: Socket

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection')
  socket = connectSlabSocket({ host: '127.0.0.1', port, allowHalfOpen: true })
  await once(socket, 'connect')
  peer = ((await accepted) as [Socket])[0]
})

/** Reads so many bytes: the pieces as they came. */
async function read(bytes: number): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  while (pieces.reduce((sum, { length }) => sum + length, 0) < bytes) {
    pieces.push(((await once(socket, 'data')) as [Uint8Array])[0])
  }
  return pieces
}

afterEach(async () => {
  socket.destroy()
  peer.destroy()
  server.close()
  await once(server, 'close')
})

describe('a slab socket', () => {
  it('leaves what was read as it is while more comes, in one piece of memory after another', async () => {
    const pieces: Uint8Array[] = []
    for (let sent = 0; sent < 200; sent += 1) {
      peer.write(new Uint8Array(1_000).fill(sent))
      pieces.push(...(await read(1_000)))
    }
    const all = Buffer.concat(pieces)
    expect(all.length).toBe(200_000)
    for (let sent = 0; sent < 200; sent += 1) {
      expect(all.subarray(sent * 1_000, (sent + 1) * 1_000).every(byte => byte === sent)).toBe(true)
    }
    const memory = new Set(pieces.map(({ buffer }) => buffer))
    expect(memory.size).toBeGreaterThan(2)
    expect(memory.size).toBeLessThan(8)
  })

  it('reads what is larger than its memory', async () => {
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))
    peer.write(sent)
    expect(Buffer.concat(await read(sent.length)).equals(sent)).toBe(true)
  })

  it('reads nothing while it is paused, and goes on where it was', async () => {
    peer.write('first')
    expect(Buffer.concat(await read(5)).toString()).toBe('first')
    let heard = 0
    socket.on('data', () => (heard += 1)).pause()
    await new Promise(done => peer.write('second', done))
    for (let turn = 0; turn < 3; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
    expect(heard).toBe(0)
    const next = read(6)
    socket.resume()
    expect(Buffer.concat(await next).toString()).toBe('second')
  })

  it('tells the end of the other side, and can still write', async () => {
    const ended = once(socket, 'end')
    socket.resume()
    peer.end()
    await ended
    socket.end('after')
    const [answer] = (await once(peer, 'data')) as [Buffer]
    expect(answer.toString()).toBe('after')
  })
})
