import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import type { Message, Transport } from 'headrace/streams'
import { http } from '../../src/adapters/transport/http.js'
import { listenWithEcho, replyText } from '../support/echo.js'

const open: Transport[] = []
const servers: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(transport => transport.close()))
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(servers.splice(0).map(server => new Promise(done => server.close(done))))
})

function transport(): Transport {
  const made = http()
  open.push(made)
  return made
}

const message = (text: string): Message => ({ headers: {}, body: new TextEncoder().encode(text) })

test('a peer that vanishes fails what is pending once the pings are not answered', async () => {
  // The conversation stops in the middle: nothing is forwarded any more and nothing is closed.
  const [host = '', port = ''] = (await listenWithEcho(transport())).split(':')
  let forwarding = true
  const server = createServer(near => {
    const far = connect(Number(port), host)
    sockets.push(near, far)
    near.on('data', (chunk: Buffer) => forwarding && far.write(chunk))
    far.on('data', (chunk: Buffer) => forwarding && near.write(chunk))
    for (const socket of [near, far]) socket.on('error', () => undefined)
  })
  servers.push(server)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const link = await firstValueFrom(transport().dial(address, 'mux/1'))
  expect(await replyText(link, message('there'))).toBe('there')
  forwarding = false
  const started = performance.now()
  await expect(replyText(link, message('gone'))).rejects.toMatchObject({ kind: 'unavailable' })
  expect(performance.now() - started).toBeLessThan(13_000)
  expect(link.room).toBe(0)
})
