import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import type { Message, Transport } from 'headrace/streams'
import { http, type HttpTransportOptions } from '../../../../src/adapters/transport/http.js'
import { listenWithEcho, replyText } from '../../../support/echo.js'

const open: Transport[] = []
const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(transport => transport.close()))
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map(server => new Promise(done => server.close(done))))
})

function transport(options: HttpTransportOptions = {}): Transport {
  const made = http(options)
  open.push(made)
  return made
}

const message = (text: string): Message => ({ headers: {}, body: new TextEncoder().encode(text) })

/** Something between client and node that knows nothing of upgrades: it forwards bytes after it has taken the header out. */
function intermediary(target: string, seen: string[]): Promise<string> {
  const [host = '', port = ''] = target.split(':')
  const server = createServer(near => {
    const far = connect(Number(port), host)
    sockets.push(near, far)
    near.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      seen.push(text.split('\r\n', 1).join(''))
      far.write(text.replace(/Connection: Upgrade\r\nUpgrade: [^\r]*\r\n/, ''), 'latin1')
    })
    far.pipe(near)
    for (const socket of [near, far]) socket.on('error', () => undefined)
  })
  servers.push(server)
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
  )
}

test('a node that offers it gets many calls on one connection; without the offer it is HTTP', async () => {
  const server = transport()
  const client = transport()
  expect(server.offers).toBe('mux/1')
  const address = await listenWithEcho(server)
  const fast = await firstValueFrom(client.dial(address, server.offers))
  expect(fast.shared).toBe(true)
  expect(fast.room).toBe(16_384)
  const plain = await firstValueFrom(client.dial(address))
  expect(plain.room).toBe(1)
  const texts = Array.from({ length: 1000 }, (_, n) => `call ${n}`)
  expect(await Promise.all(texts.map(text => replyText(fast, message(text))))).toEqual(texts)
  expect(fast.room).toBe(16_384)
  expect(await replyText(plain, message('plain'))).toBe('plain')
})

test('turned off, it is neither offered nor asked for, and a request for it is answered as any other', async () => {
  const server = transport({ fastLane: false })
  expect(server.offers).toBeUndefined()
  const address = await listenWithEcho(server)
  const told: string[] = []
  const client = transport()
  client.events.subscribe(event => event.kind === 'notice' && told.push(event.text))
  expect((await firstValueFrom(client.dial(address, 'mux/1'))).room).toBe(1)
  expect(told).toHaveLength(1)
  const off = transport({ fastLane: false })
  const link = await firstValueFrom(off.dial(await listenWithEcho(transport()), 'mux/1'))
  expect(link.room).toBe(1)
})

test('an intermediary that refuses the upgrade means plain HTTP, a notice, and no second question', async () => {
  const seen: string[] = []
  const address = await intermediary(await listenWithEcho(transport()), seen)
  const client = transport()
  const told: string[] = []
  client.events.subscribe(event => event.kind === 'notice' && told.push(event.text))
  for (const text of ['first', 'second']) {
    const link = await firstValueFrom(client.dial(address, 'mux/1'))
    expect(link.room).toBe(1)
    expect(await replyText(link, message(text))).toBe(text)
  }
  expect(told).toEqual([expect.stringContaining(`${address} offers the fast lane (mux/1), but answered`)])
  expect(seen.filter(line => line.startsWith('GET'))).toHaveLength(1)
})
