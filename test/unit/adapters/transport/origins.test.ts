import { afterEach, describe, expect, it } from 'vitest'
import type { ListenEvent, Transport } from 'headrace/streams'
import { http } from '../../../../src/adapters/transport/http.js'
import { ws } from '../../../../src/adapters/transport/ws.js'
import { connectTo, exchange } from '../../../support/raw-http.js'

const open: Transport[] = []
afterEach(() => Promise.all(open.splice(0).map(transport => transport.close())))

const ours = 'https://shop.example'
const allowedOrigins = [ours]

/** Listens and keeps what it hears. */
async function listen(transport: Transport): Promise<{ address: string; heard: ListenEvent[] }> {
  open.push(transport)
  const heard: ListenEvent[] = []
  const address = await new Promise<string>((resolve, reject) =>
    transport.listen('127.0.0.1:0').subscribe({
      next: event => {
        if (event.kind === 'listening') resolve(event.address)
        else heard.push(event)
      },
      error: reject,
    }),
  )
  return { address, heard }
}

const rpc = (headers: string) => `POST / HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: 1000000\r\n\r\n`
const upgrade = (token: string, headers: string) =>
  `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n${headers}\r\n`
const webSocket = (headers: string, protocol = 'headrace-mux-1') =>
  upgrade(
    'websocket',
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${protocol}\r\n${headers}`,
  )

describe.each([
  ['http', () => http({ allowedOrigins })],
  ['http without the fast lane', () => http({ allowedOrigins, fastLane: false })],
  ['ws', () => ws({ allowedOrigins })],
])('the %s listener', (_, make) => {
  it.each([
    ['a call of a foreign page', rpc('Origin: https://evil.example\r\n')],
    ['a call of a page without an origin', rpc('Origin: null\r\n')],
    ['a call from another site', rpc('Sec-Fetch-Site: cross-site\r\n')],
    ['an upgrade of a foreign page', upgrade('headrace-mux/1', 'Origin: https://evil.example\r\n')],
    ['a WebSocket of a foreign page', webSocket('Origin: https://evil.example\r\n')],
    ['a WebSocket from another site', webSocket('Sec-Fetch-Site: cross-site\r\n')],
    ['an origin that is almost right', webSocket(`Origin: ${ours}.evil.example\r\n`)],
    ['a call of a page that may connect', rpc(`Origin: ${ours}\r\n`)],
    ['an upgrade of a page that may connect', upgrade('headrace-mux/1', `Origin: ${ours}\r\n`)],
  ])('refuses %s with 403 before its body', async (_, request) => {
    const { address, heard } = await listen(make())
    const answer = await exchange(address, request)
    expect(answer?.start).toBe('HTTP/1.1 403 Forbidden')
    expect(answer?.headers['Access-Control-Allow-Origin']).toBeUndefined()
    expect(heard).toEqual([])
  })

  it('gives a page of an allowed origin a WebSocket, and says whose it is', async () => {
    const { address, heard } = await listen(make())
    const request = webSocket(`Origin: ${ours}\r\nSec-Fetch-Site: cross-site\r\n`)
    const answer = await exchange(address, request)
    expect(answer?.start).toBe('HTTP/1.1 101 Switching Protocols')
    expect(answer?.headers['Sec-WebSocket-Protocol']).toBe('headrace-mux-1')
    expect(heard).toMatchObject([{ kind: 'connection', connection: { origin: ours } }])
  })

  it('refuses a foreign page behind a good request on the same connection', async () => {
    const { address, heard } = await listen(make())
    const socket = connectTo(address)
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}${rpc('Origin: https://evil.example\r\n')}`,
    )
    const got = await new Promise<string>(resolve => socket.once('data', data => resolve(data.toString())))
    expect(got).toContain('HTTP/1.1 403 Forbidden')
    expect(heard).toHaveLength(1)
    socket.destroy()
  })

  it('answers other protocols in clear words', async () => {
    const { address, heard } = await listen(make())
    const h2c = await exchange(address, upgrade('h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__\r\n'))
    expect(h2c?.start).toBe('HTTP/1.1 505 HTTP Version Not Supported')
    expect(h2c?.body).toContain('HTTP/2 is not spoken here')
    const preface = await exchange(address, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    expect(preface?.start).toBe('HTTP/1.1 505 HTTP Version Not Supported')
    const other = await exchange(address, webSocket('', 'graphql-ws'))
    expect(other?.start).toBe('HTTP/1.1 400 Bad Request')
    expect(other?.body).toContain('headrace-mux-1')
    const damaged = await exchange(address, webSocket('').replace(/Sec-WebSocket-Key: .*\r\n/, ''))
    expect(damaged?.start).toBe('HTTP/1.1 400 Bad Request')
    expect(heard).toEqual([])
  })
})

it('with an empty list a page gets nothing', async () => {
  const { address, heard } = await listen(http())
  expect((await exchange(address, webSocket(`Origin: ${ours}\r\n`)))?.start).toBe('HTTP/1.1 403 Forbidden')
  expect((await exchange(address, rpc(`Origin: ${ours}\r\n`)))?.start).toBe('HTTP/1.1 403 Forbidden')
  expect(heard).toEqual([])
})

it.each(['*', 'null', 'shop.example', 'https://shop.example/', 'https://shop.example/path'])(
  'an origin must be one: not %s',
  origin => {
    expect(() => http({ allowedOrigins: [origin] })).toThrow(
      /option 'allowedOrigins' must be a list of origins/,
    )
  },
)
