import { firstValueFrom, map } from 'rxjs'
import { WebSocket } from 'ws'
import { afterEach, expect, test } from 'vitest'
import type { AdapterEvent, Message, Transport } from 'headrace/streams'
import { http } from '../../../../src/adapters/transport/http.js'
import { ws } from '../../../../src/adapters/transport/ws.js'
import { listenWithEcho, replyText } from '../../../support/echo.js'

const open: Transport[] = []
afterEach(() => Promise.all(open.splice(0).map(transport => transport.close())))

function opened<T extends Transport>(transport: T): T {
  open.push(transport)
  return transport
}

const message = (text: string): Message => ({ headers: {}, body: new TextEncoder().encode(text) })

const allowedOrigins = ['https://shop.example']

test('what a node offers, and the best wire that both know', async () => {
  const servers = {
    http: opened(http()),
    browsers: opened(http({ allowedOrigins })),
    plain: opened(http({ fastLane: false })),
    ws: opened(ws()),
  }
  const offers = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, server.offers]))
  expect(offers).toEqual({ http: 'mux/1', browsers: 'mux/1,ws/1', plain: undefined, ws: 'ws/1' })
  const clients = { http: opened(http()), plain: opened(http({ fastLane: false })), ws: opened(ws()) }
  const seen: Record<string, string> = {}
  for (const [name, server] of Object.entries(servers)) {
    const address = await listenWithEcho(server)
    for (const [client, transport] of Object.entries(clients)) {
      const link = await firstValueFrom(transport.dial(address, server.offers))
      expect(await replyText(link, message('x'))).toBe('x')
      seen[`${client} to ${name}`] = link.shared === true ? 'shared' : 'HTTP'
    }
  }
  expect(seen).toEqual({
    'http to http': 'shared',
    'plain to http': 'HTTP',
    'ws to http': 'HTTP',
    'http to browsers': 'shared',
    'plain to browsers': 'HTTP',
    'ws to browsers': 'shared',
    'http to plain': 'HTTP',
    'plain to plain': 'HTTP',
    'ws to plain': 'HTTP',
    'http to ws': 'shared',
    'plain to ws': 'HTTP',
    'ws to ws': 'shared',
  })
})

test('without an offer it is HTTP; where the WebSocket is refused it is HTTP, with a notice, and no second question', async () => {
  const client = opened(ws())
  const address = await listenWithEcho(opened(ws()))
  expect((await firstValueFrom(client.dial(address))).shared).toBeUndefined()
  const told: AdapterEvent[] = []
  client.events.subscribe(event => told.push(event))
  const deaf = await listenWithEcho(opened(http()))
  for (const text of ['first', 'second']) {
    expect(await replyText(await firstValueFrom(client.dial(deaf, 'ws/1')), message(text))).toBe(text)
  }
  expect(told).toMatchObject([
    { kind: 'notice', text: expect.stringContaining('(ws/1), but answered') as string },
  ])
})

test('many calls share one WebSocket, and a message of 16 MiB passes in pieces', async () => {
  const server = opened(ws())
  const link = await firstValueFrom(opened(ws()).dial(await listenWithEcho(server), server.offers))
  const texts = Array.from({ length: 500 }, (_, n) => `call ${n}`)
  expect(await Promise.all(texts.map(text => replyText(link, message(text))))).toEqual(texts)
  const large = 'x'.repeat(16 * 1024 * 1024)
  expect((await replyText(link, message(large))) === large).toBe(true)
})

/** A client that is no headrace: closes with this code. */
function closedWith(webSocket: WebSocket): Promise<number> {
  return new Promise(resolve => webSocket.once('close', code => resolve(code)))
}

test.each([
  ['a text', 'hello', 1003],
  ['a message that is too large', Buffer.alloc(1024 * 1024 + 1), 1009],
  ['bytes that are no fast lane', Buffer.alloc(100, 0xff), 1000],
])('%s ends the connection', async (_, data, code) => {
  const server = opened(ws())
  const address = await listenWithEcho(server)
  const told = firstValueFrom(server.events.pipe(map(({ kind }) => kind)))
  const webSocket = new WebSocket(`ws://${address}`, 'headrace-mux-1')
  const closed = closedWith(webSocket)
  webSocket.once('open', () => webSocket.send(data))
  expect(await closed).toBe(code)
  expect(await told).toBe('fault')
})

test('compression is not agreed to', async () => {
  const webSocket = new WebSocket(`ws://${await listenWithEcho(opened(ws()))}`, 'headrace-mux-1', {
    perMessageDeflate: true,
  })
  await new Promise(resolve => webSocket.once('open', resolve))
  expect(webSocket.extensions).toBe('')
  webSocket.close()
  await closedWith(webSocket)
})

test('closing the transport closes its WebSockets', async () => {
  const server = opened(ws())
  const webSocket = new WebSocket(`ws://${await listenWithEcho(server)}`, 'headrace-mux-1')
  await new Promise(resolve => webSocket.once('open', resolve))
  const closed = closedWith(webSocket)
  await server.close()
  expect(await closed).toBe(1006)
})
