import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { firstValueFrom } from 'rxjs'
import { http, type HttpTransportOptions } from 'headrace/adapters/transport/http'
import {
  ServiceError,
  type AdapterEvent,
  type Channel,
  type Delivery,
  type Link,
  type Message,
  type Transport,
} from 'headrace/streams'
import { clientTls, serverTls, sockets } from '../../../support/transport-subjects.js'
import { connectTo } from '../../../support/raw-http.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const open: Transport[] = []
const raws: Socket[] = []

afterEach(async () => {
  for (const raw of raws.splice(0)) raw.destroy()
  await Promise.all(open.splice(0).map(transport => transport.close()))
})

function transport(options: HttpTransportOptions = {}): Transport {
  const made = http(options)
  open.push(made)
  return made
}

/** Listens; `serve` gets each channel. */
function listen(server: Transport, serve: (channel: Channel) => void = echo): Promise<string> {
  return new Promise((resolve, reject) =>
    server.listen('127.0.0.1:0').subscribe({
      next: event => {
        if (event.kind === 'listening') resolve(event.address)
        if (event.kind === 'channel') serve(event.channel)
      },
      error: reject,
    }),
  )
}

function echo(channel: Channel): void {
  channel.incoming.subscribe({
    next: delivery => {
      channel.send(delivery.value)
      delivery.ack()
    },
    complete: () => channel.end(),
    error: () => undefined,
  })
}

const message = (text: string, headers: Record<string, string> = {}): Message => ({
  headers,
  body: Buffer.from(text),
})

const ask = (link: Link, asked: Message) =>
  new Promise<Message>((resolve, reject) => link.request(asked, { reply: resolve, fail: reject }))

/** Writes bytes to an address and gives all that comes back until the other side closes. */
function raw(address: string, bytes: string): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connectTo(address)
  raws.push(socket)
  let got = ''
  socket.on('data', chunk => (got += chunk.toString('latin1')))
  socket.on('error', () => undefined) // a reset ends it as well
  socket.write(bytes)
  return { socket, answer: new Promise(resolve => socket.on('close', () => resolve(got))) }
}

/** What a server that writes these bytes for every connection makes of a request. */
async function answeredBy(bytes: string): Promise<{ outcome: Promise<Message>; link: Link }> {
  const { createServer } = await import('node:net')
  const server = createServer(socket => {
    raws.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(bytes))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const link = await firstValueFrom(transport().dial(`127.0.0.1:${port}`))
  server.close()
  return { outcome: ask(link, message('x')), link }
}

const request = (extra = '') => `POST / HTTP/1.1\r\nHost: x\r\n${extra}Content-Length: 2\r\n\r\nhi`

describe('a listener of the http transport', () => {
  it('answers what is not HTTP with 400 and closes, and tells of it', async () => {
    const server = transport()
    const events: AdapterEvent[] = []
    server.events.subscribe(event => events.push(event))
    const address = await listen(server)
    const answer = await raw(address, 'hello\r\n\r\n').answer
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*Connection: close[^]*malformed HTTP message/)
    expect(events.at(-1)).toMatchObject({ kind: 'fault', error: { kind: 'bad_request' } })
  })

  it.each([
    ['413 Request Entity Too Large', 'POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n'],
    ['431 Request Header Fields Too Large', `POST / HTTP/1.1\r\nA: ${'x'.repeat(2000)}`],
    ['505 HTTP Version Not Supported', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('answers %s beyond its limits', async (status, bytes) => {
    const address = await listen(transport({ maxBodyBytes: 1000, maxHeaderBytes: 1000 }))
    expect(await raw(address, bytes).answer).toContain(`HTTP/1.1 ${status}\r\n`)
  })

  it('reads what came before the damage, and ends the channel with bad_request', async () => {
    const read: string[] = []
    const ended = new Promise<unknown>(resolve => {
      void listen(transport(), channel =>
        channel.incoming.subscribe({
          next: ({ value, ack }) => void read.push(Buffer.from(value.body).toString(), typeof ack),
          error: resolve,
        }),
      ).then(address => raw(address, `${request()}nonsense\r\n\r\n`))
    })
    expect(await ended).toMatchObject({ kind: 'bad_request' })
    expect(read).toEqual(['hi', 'function'])
  })

  it('serves many requests of one connection in order, and closes after one that says Connection: close', async () => {
    const address = await listen(transport())
    const answer = await raw(address, request() + request() + request('Connection: close\r\n')).answer
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
    expect(answer.match(/Connection: close/g)).toHaveLength(1)
  })

  it('still answers a peer that has ended its direction', async () => {
    const address = await listen(transport())
    const { socket, answer } = raw(address, request())
    socket.end()
    expect(await answer).toContain('200 OK')
  })

  it('hands a connection over when its first request asks for a protocol that it knows', async () => {
    const upgrade = (socket: NodeJS.WritableStream, head: { target: string }, rest: Uint8Array) =>
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${head.target} ${Buffer.from(rest).toString()}`)
    const address = await listen(transport({ upgrades: { mux: upgrade } }))
    const asking = (token: string) =>
      `GET /m HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: ${token}\r\n\r\nrest`
    const known = raw(address, asking('other, MUX'))
    known.socket.on('end', () => known.socket.end())
    expect(await known.answer).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\n/m rest')
    const unknown = raw(address, `${asking('other').replace(/rest$/, '')}`)
    unknown.socket.end()
    expect(await unknown.answer).toContain('HTTP/1.1 200 OK')
  })

  it('closes a connection beyond maxConnections at once, and tells of it', async () => {
    const server = transport({ maxConnections: 1 })
    const fault = firstValueFrom(server.events)
    const address = await listen(server)
    await fault
    const told = firstValueFrom(server.events)
    const link = await firstValueFrom(transport().dial(address))
    expect(await raw(address, request()).answer).toBe('')
    expect(await told).toMatchObject({ kind: 'fault', error: { kind: 'resource_exhausted' } })
    expect(Buffer.from((await ask(link, message('first'))).body).toString()).toBe('first')
  })

  it('closes a connection that is silent, and one whose head does not come to an end', async () => {
    const clock = new VirtualClock()
    const address = await listen(transport({ clock, idleTimeoutMs: 60_000, headerTimeoutMs: 4000 }))
    const silent = raw(address, request())
    await new Promise(resolve => silent.socket.once('data', resolve))
    const slow = raw(address, 'POST / HTTP/1.1\r\nA:')
    await raw(address, request('Connection: close\r\n')).answer // by then the slow one has been read as well
    for (let second = 0; second < 6; second += 1) clock.advance(1000)
    expect(await slow.answer).toContain('HTTP/1.1 408 Request Timeout')
    expect(silent.socket.destroyed).toBe(false)
    for (let second = 0; second < 62; second += 1) clock.advance(1000)
    expect(await silent.answer).toContain('200 OK')
  })

  it('leaves a connection alone on which a message is unanswered', async () => {
    const clock = new VirtualClock()
    const channels: Channel[] = []
    const arrived = new Promise<void>(resolve => {
      const serve = (channel: Channel) => {
        channels.push(channel)
        channel.incoming.subscribe({ next: () => resolve(), error: () => undefined })
      }
      void listen(transport({ clock, idleTimeoutMs: 1000 }), serve).then(address => raw(address, request()))
    })
    await arrived
    for (let second = 0; second < 100; second += 1) clock.advance(1000)
    await settle()
    const [peer] = raws
    const got = new Promise<string>(resolve => peer?.once('data', chunk => resolve(chunk.toString())))
    channels[0]?.send(message('late'))
    expect(await got).toContain('late')
  })
})

describe('a link of the http transport', () => {
  it('hands over an answer with another status, and the status with it', async () => {
    const { outcome } = await answeredBy(
      'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nkaput',
    )
    const { headers, body } = await outcome
    expect(headers[':status']).toBe('500 Internal Server Error')
    expect(Buffer.from(body).toString()).toBe('kaput')
  })

  it('takes nothing more after Connection: close', async () => {
    const { outcome, link } = await answeredBy(
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    )
    await outcome
    expect(link.room).toBe(0)
    await firstValueFrom(link.closed, { defaultValue: undefined })
  })

  it.each([
    ['what is not HTTP', 'hello\r\n\r\n', 'bad_request'],
    ['a body beyond the limit', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n', 'resource_exhausted'],
  ])('fails on %s', async (_, bytes, kind) => {
    const { outcome, link } = await answeredBy(bytes)
    await expect(outcome).rejects.toMatchObject({ kind })
    expect(link.room).toBe(0)
  })

  it('is closed, and tells of it, when the peer answers without a request', async () => {
    const server = transport()
    const address = await listen(server, channel => {
      channel.incoming.subscribe({
        next: ({ value }) => {
          channel.send(value)
          channel.send(value)
        },
        error: () => undefined,
      })
    })
    const client = transport()
    const told = firstValueFrom(client.events)
    const link = await firstValueFrom(client.dial(address))
    await ask(link, message('x'))
    expect(await told).toMatchObject({ kind: 'fault', error: { kind: 'bad_request' } })
    expect(link.room).toBe(0)
  })

  it('gives a slow reader all that a peer sent before it closed', async () => {
    const { createServer } = await import('node:net')
    const numbers = ['1', '2', '3', '4', '5']
    const answers = numbers.map(text => `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${text}`).join('')
    const server = createServer({ allowHalfOpen: true }, socket => {
      raws.push(socket)
      socket.on('data', () => undefined).on('end', () => socket.end(answers))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const link = await firstValueFrom(transport({ windowMessages: 2 }).dial(`127.0.0.1:${port}`))
    const closed = new Promise<void>(resolve => raws[0]?.on('close', () => resolve()))
    const channel = link.open()
    const waiting: Delivery<Message>[] = []
    const outcome = new Promise<unknown>(resolve =>
      channel.incoming.subscribe({
        next: each => waiting.push(each),
        complete: () => resolve('end'),
        error: resolve,
      }),
    )
    channel.end()
    await expect.poll(() => waiting.length).toBe(2)
    await closed
    await settle()
    const got: string[] = []
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      got.push(String(next.value.body))
      next.ack()
    }
    expect(got).toEqual(numbers)
    expect(await outcome).toBe('end')
    server.close()
  })

  it('fails a request with a header that HTTP cannot carry, unsent, and goes on', async () => {
    const link = await firstValueFrom(transport().dial(await listen(transport())))
    const failed = new Promise<readonly [ServiceError, boolean]>((resolve, reject) =>
      link.request(message('x', { 'a b': 'c' }), {
        reply: reject,
        fail: (error, sent) => resolve([error, sent]),
      }),
    )
    expect(await failed).toMatchObject([{ kind: 'bad_request' }, false])
    expect(Buffer.from((await ask(link, message('next'))).body).toString()).toBe('next')
  })

  it('gives up a dial that takes too long', async () => {
    const clock = new VirtualClock()
    // Listens on TCP and never answers the handshake.
    const address = await listen(transport(), () => undefined)
    const client = transport({ clock, tls: clientTls(), dialTimeoutMs: 3000 })
    const failed = expect(firstValueFrom(client.dial(address))).rejects.toMatchObject({ kind: 'timeout' })
    clock.advance(3000)
    await failed
    await settle()
    expect(clock.pending).toBe(0)
  })
})

describe('TLS of the http transport', () => {
  it('refuses a server whose certificate nobody vouches for, unless told otherwise', async () => {
    const address = await listen(transport({ tls: serverTls() }))
    await expect(firstValueFrom(transport({ tls: {} }).dial(address))).rejects.toMatchObject({
      kind: 'unavailable',
    })
    const careless = await firstValueFrom(transport({ tls: { insecureSkipVerify: true } }).dial(address))
    expect(Buffer.from((await ask(careless, message('x'))).body).toString()).toBe('x')
  })

  it('refuses a server of another name', async () => {
    const address = await listen(transport({ tls: serverTls() }))
    const other = transport({ tls: { ...clientTls(), serverName: 'elsewhere.example' } })
    await expect(firstValueFrom(other.dial(address))).rejects.toMatchObject({ kind: 'unavailable' })
    const named = transport({ tls: { ...clientTls(), serverName: 'localhost' } })
    expect((await firstValueFrom(named.dial(address))).room).toBe(1)
  })

  it('refuses a client without a certificate where one is required', async () => {
    const address = await listen(transport({ tls: { ...serverTls(), requireClientCertificate: true } }))
    const { ca = '' } = clientTls()
    const stranger = transport({ tls: { ca } })
    // In TLS 1.3 the client learns of the refusal with its first read.
    const asking = firstValueFrom(stranger.dial(address)).then(link => ask(link, message('x')))
    await expect(asking).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('needs a certificate to listen', async () => {
    await expect(firstValueFrom(transport({ tls: {} }).listen('127.0.0.1:0'))).rejects.toMatchObject({
      kind: 'bad_request',
    })
  })
})

describe('the http transport', () => {
  it('checks its options by name', () => {
    expect(() => http({ maxBodyBytes: 0 })).toThrow(/maxBodyBytes/)
    expect(() => http({ nonsense: 1 } as HttpTransportOptions)).toThrow(/nonsense/)
  })

  it('leaves no socket and no timer behind', async () => {
    const before = sockets()
    const clock = new VirtualClock()
    const [server, client] = [http({ clock }), http({ clock })]
    const address = await listen(server)
    for (let n = 0; n < 20; n += 1) {
      const link = await firstValueFrom(client.dial(address))
      if (n % 2 === 0) await ask(link, message('x'))
      else link.open().send(message('x'))
      if (n % 3 === 0) link.abort(new ServiceError('cancelled', 'enough'))
    }
    await Promise.all([server.close(), client.close(), client.close()])
    await settle()
    expect(sockets()).toBe(before)
    expect(clock.pending).toBe(0)
  })
})
