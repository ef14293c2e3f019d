import type { Socket } from 'node:net'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { http, type HttpBrokerOptions } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import type { Broker, DeliveryReport } from 'headrace/streams'
import { recordingServer } from '../../../support/raw-http.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const lastOk = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** A publisher and a subscriber whose answers the test writes. */
async function setUp(options: Partial<HttpBrokerOptions> = {}) {
  const registry = memoryRegistry()
  const server = await recordingServer('')
  const broker = http({ registry, ...options })
  closers.push(
    server.close,
    () => registry.close(),
    () => broker.close(),
  )
  const nodes = [{ id: 'one', address: server.address, metadata: { secure: 'false' } }]
  for (const name of ['topic:events', 'topic:others']) {
    const service = { name, version: 'ff.http.broadcast', metadata: {}, endpoints: [], nodes }
    await lastValueFrom(registry.register(service), { defaultValue: undefined })
  }
  const got = () =>
    server.requests.map(({ body }) => Buffer.from(JSON.parse(body).Body as string, 'base64').toString())
  const until = async (...texts: string[]) => {
    while (got().length < texts.length) await settle(1)
    await settle()
    expect(got()).toEqual(texts)
    return [...server.sockets].at(-1) as Socket
  }
  return { broker, server, until, publish: (text: string, ms?: number) => publish(broker, text, ms) }
}

async function publish(
  broker: Broker,
  text: string,
  timeoutMs = 60_000,
  topic = 'events',
): Promise<string | undefined> {
  const message = { headers: {}, body: Buffer.from(text) }
  const reports: DeliveryReport[] = await firstValueFrom(
    broker.publish(topic, message, { timeoutMs }).pipe(toArray()),
  )
  return reports[0]?.error?.kind ?? 'ok'
}

/** A set-up whose connection has had its first answer, so that POSTs follow without waiting. */
async function warm(options: Partial<HttpBrokerOptions> = {}) {
  const parts = await setUp(options)
  const first = parts.publish('first')
  const socket = await parts.until('first')
  socket.write(ok)
  expect(await first).toBe('ok')
  return { ...parts, socket }
}

describe('POSTs to one subscriber', () => {
  it('wait for the first answer of a connection, which shows that it stays', async () => {
    const { publish, until } = await setUp()
    const reports = ['a', 'b', 'c'].map(text => publish(text))
    const socket = await until('a')
    socket.write(ok)
    await until('a', 'b', 'c')
    socket.write(ok + ok)
    expect(await Promise.all(reports)).toEqual(['ok', 'ok', 'ok'])
  })

  it('follow one another up to the limit, in one piece, and answers are matched in order', async () => {
    const { publish, until, socket, server } = await warm({ pipelining: 3 })
    const reports = ['a', 'b', 'c', 'd', 'e'].map(text => publish(text))
    await until('first', 'a', 'b', 'c')
    socket.write(`${ok}HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n`)
    await until('first', 'a', 'b', 'c', 'd', 'e')
    socket.write(ok + ok + ok)
    expect(await Promise.all(reports)).toEqual(['ok', 'resource_exhausted', 'ok', 'ok', 'ok'])
    expect(server.sockets.size).toBe(1)
  })

  it('are no more at once than their bytes allow, and one in any case', async () => {
    const { publish, until, socket } = await warm({ pipelinedBytes: 100 })
    const reports = ['a', 'b', 'c'].map(text => publish(text.repeat(60)))
    await until('first', 'a'.repeat(60))
    socket.write(ok)
    await until('first', 'a'.repeat(60), 'b'.repeat(60))
    socket.write(ok)
    await until('first', 'a'.repeat(60), 'b'.repeat(60), 'c'.repeat(60))
    socket.write(ok)
    await Promise.all(reports)
  })

  it('of different topics use a connection that is idle', async () => {
    const { broker, until, socket, server } = await warm()
    const other = publish(broker, 'other', 60_000, 'others')
    await until('first', 'other')
    socket.write(ok)
    expect(await other).toBe('ok')
    expect(server.sockets.size).toBe(1)
  })

  it('that were sent are reported when the connection is lost, and the others go over a new one', async () => {
    const { publish, until, socket } = await warm({ pipelining: 3 })
    const reports = ['a', 'b', 'c', 'd', 'e'].map(text => publish(text))
    await until('first', 'a', 'b', 'c')
    socket.write(ok)
    await until('first', 'a', 'b', 'c', 'd')
    socket.destroy()
    const again = await until('first', 'a', 'b', 'c', 'd', 'e')
    again.write(ok)
    expect(await Promise.all(reports)).toEqual(['ok', 'unavailable', 'unavailable', 'unavailable', 'ok'])
  })

  it('behind one that is answered with close are sent again, before what came later', async () => {
    const { publish, until, socket, server } = await warm({ pipelining: 3 })
    const reports = ['a', 'b', 'c', 'd'].map(text => publish(text))
    await until('first', 'a', 'b', 'c')
    socket.write(lastOk)
    const again = await until('first', 'a', 'b', 'c', 'b')
    again.write(ok)
    await until('first', 'a', 'b', 'c', 'b', 'c', 'd')
    again.write(ok + ok)
    expect(await Promise.all(reports)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(server.sockets.size).toBe(2)
  })

  it('to a subscriber that closes after each answer go one to a connection', async () => {
    const { publish, until, server } = await setUp()
    const reports = ['a', 'b', 'c'].map(text => publish(text))
    for (const sent of [['a'], ['a', 'b'], ['a', 'b', 'c']]) (await until(...sent)).end(lastOk)
    expect(await Promise.all(reports)).toEqual(['ok', 'ok', 'ok'])
    expect(server.sockets.size).toBe(3)
  })

  it('are given up with their connection when none was answered for too long', async () => {
    const clock = new VirtualClock()
    const { publish, until, socket } = await warm({ clock, answerTimeoutMs: 10_000, pipelining: 2 })
    const reports = ['a', 'b', 'c'].map(text => publish(text))
    await until('first', 'a', 'b')
    clock.advance(9_000)
    socket.write(ok)
    await until('first', 'a', 'b', 'c')
    clock.advance(9_999)
    expect(await reports[0]).toBe('ok')
    await settle()
    clock.advance(1)
    expect(await Promise.all(reports)).toEqual(['ok', 'timeout', 'unavailable'])
  })

  it('fail each in its own time, the ones that were sent and the ones that were not', async () => {
    const clock = new VirtualClock()
    const { publish, until } = await warm({ clock, pipelining: 2 })
    const reports = ['a', 'b', 'c'].map((text, index) => publish(text, 1_000 * (index + 1)))
    await until('first', 'a', 'b')
    clock.advance(2_000)
    expect(await Promise.all(reports.slice(0, 2))).toEqual(['timeout', 'timeout'])
    clock.advance(1_000)
    expect(await reports[2]).toBe('resource_exhausted')
  })

  it.each([
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n', 'ok'],
    ['after 100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${ok}`, 'ok'],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', 'ok'],
    ['with another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'unavailable'],
    ['beyond the limit', `HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n`, 'unavailable'],
    ['with garbage', 'garbage\r\n\r\n', 'unavailable'],
  ])('may be answered %s', async (_, answer, kind) => {
    const { publish, until, socket } = await warm()
    const report = publish('a')
    await until('first', 'a')
    socket.write(answer)
    expect(await report).toBe(kind)
  })

  it.each([
    ['HTTP/1.0 200 OK\r\n\r\nthanks', 'ok'],
    ['HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\nno', 'unavailable'],
  ])('may be answered up to the end of the connection: %j', async (answer, kind) => {
    const { publish, until, socket } = await warm()
    const reports = [publish('a'), publish('b')]
    await until('first', 'a', 'b')
    socket.end(answer)
    ;(await until('first', 'a', 'b', 'b')).write(ok)
    expect(await Promise.all(reports)).toEqual([kind, 'ok'])
  })

  it('go one to a connection of HTTP/1.0', async () => {
    const { publish, until, server } = await setUp()
    const reports = [publish('a'), publish('b'), publish('c')]
    const old = 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'
    for (const sent of [['a'], ['a', 'b'], ['a', 'b', 'c']]) (await until(...sent)).write(old)
    expect(await Promise.all(reports)).toEqual(['ok', 'ok', 'ok'])
    expect(server.sockets.size).toBe(3)
  })

  it('use no connection that said something unasked', async () => {
    const { publish, until, socket, server } = await warm()
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')
    await closed
    const report = publish('a')
    ;(await until('first', 'a')).write(ok)
    expect(await report).toBe('ok')
    expect(server.sockets.size).toBe(2)
  })
})
