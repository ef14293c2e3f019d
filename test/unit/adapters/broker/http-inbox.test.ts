import { firstValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { http, type HttpBrokerOptions } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import type { Broker, Delivery, Message, Registry } from 'headrace/streams'
import { connectTo, exchange } from '../../../support/raw-http.js'
import { settle } from '../../../support/virtual-clock.js'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function setUp(options: Partial<HttpBrokerOptions> = {}) {
  const registry = memoryRegistry()
  const broker = http({ registry, address: '127.0.0.1:0', ...options })
  closers.push(
    () => registry.close(),
    () => broker.close(),
  )
  return { registry, broker }
}

/** A subscription that answers nothing by itself. */
async function inbox(broker: Broker, registry: Registry, queue?: string) {
  const waiting: Delivery<Message>[] = []
  const texts: string[] = []
  const known = new Set((await nodes(registry)).map(({ id }) => id))
  let subscription = { unsubscribe: () => undefined as void }
  await new Promise<void>((resolve, reject) => {
    subscription = broker.subscribe('events', queue === undefined ? {} : { queue }).subscribe({
      next: event => {
        if (event.kind === 'subscribed') return resolve()
        waiting.push(event.delivery)
        texts.push(Buffer.from(event.delivery.value.body).toString())
      },
      error: reject,
    })
  })
  const node = (await nodes(registry)).find(({ id }) => !known.has(id))
  if (node === undefined) throw new Error('the subscription is not in the registry')
  const ack = () => waiting.shift()?.ack()
  return { node, texts, waiting, ack, unsubscribe: () => subscription.unsubscribe() }
}

async function nodes(registry: Registry) {
  return (await firstValueFrom(registry.lookup('topic:events'))).flatMap(service => service.nodes)
}

function post(id: string, text: string): string {
  const body = JSON.stringify({ Header: { ':topic': 'events' }, Body: Buffer.from(text).toString('base64') })
  return `POST /_sub?id=${id} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** A connection that keeps what it is answered. */
function publisher(address: string) {
  const socket = connectTo(address)
  let answers = ''
  socket.on('error', () => undefined).on('data', chunk => (answers += chunk.toString()))
  closers.push(async () => void socket.destroy())
  return { socket, statuses: () => [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, code]) => code) }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 5_000
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('the condition did not come true within 5 s')
    await settle(1)
  }
}

describe('pipelined POSTs at a subscriber', () => {
  it('are handled and answered in their order, whatever order the handlers end in', async () => {
    const { registry, broker } = setUp()
    const { node, texts, waiting } = await inbox(broker, registry)
    const { socket, statuses } = publisher(node.address)
    socket.write(post(node.id, 'a') + post('unknown', 'nobody') + post(node.id, 'b') + post(node.id, 'c'))
    await until(() => texts.length === 3)
    expect(texts).toEqual(['a', 'b', 'c'])
    waiting[2]?.ack()
    waiting[1]?.ack()
    await settle()
    expect(statuses()).toEqual([])
    waiting[0]?.ack()
    await until(() => statuses().length === 4)
    expect(statuses()).toEqual(['200', '200', '200', '200'])
  })

  it('are not read while the window is full, and all arrive in the end', async () => {
    const { registry, broker } = setUp({ window: 2 })
    const { node, texts, ack } = await inbox(broker, registry)
    const { socket } = publisher(node.address)
    const total = 400
    for (let n = 0; n < total; n += 1) socket.write(post(node.id, `${n} ${'x'.repeat(60_000)}`))
    await until(() => texts.length === 2)
    await settle(50)
    expect(socket.writableLength).toBeGreaterThan(1_000_000)
    while (texts.length < total) {
      ack()
      await settle(1)
    }
    expect(texts.map(text => Number(text.split(' ')[0]))).toEqual(Array.from({ length: total }, (_, n) => n))
  })

  it('are not read while their connection holds its share of the bytes', async () => {
    const { registry, broker } = setUp({ maxPendingBytes: 4 * 1_024 * 1_024 })
    const { node, texts, ack } = await inbox(broker, registry)
    const { socket } = publisher(node.address)
    const total = 200
    for (let n = 0; n < total; n += 1) socket.write(post(node.id, 'x'.repeat(60_000)))
    await until(() => texts.length >= 3)
    await settle(50)
    expect(texts.length).toBeLessThan(8)
    expect((await firstAnswer(node.address, broker, registry))?.start).toBe('HTTP/1.1 200 OK')
    while (texts.length < total) {
      ack()
      await settle(1)
    }
  })

  it('behind one that is answered with close are not handled', async () => {
    const { registry, broker } = setUp()
    const { node, texts, ack } = await inbox(broker, registry)
    const { socket, statuses } = publisher(node.address)
    const foreign = post(node.id, 'foreign').replace('Host: x', 'Host: x\r\nOrigin: https://example.org')
    socket.write(post(node.id, 'a') + foreign + post(node.id, 'b').repeat(50))
    await until(() => texts.length === 1)
    ack()
    await new Promise(resolve => socket.once('close', resolve))
    expect(statuses()).toEqual(['200', '403'])
    expect(texts).toEqual(['a'])
  })

  it('of a publisher that goes are forgotten, all of them', async () => {
    const { registry, broker } = setUp({ maxPendingBytes: 40_000, window: 1 })
    const { node, texts, ack } = await inbox(broker, registry)
    const { socket } = publisher(node.address)
    socket.write(post(node.id, 'a') + post(node.id, 'b'))
    await until(() => texts.length === 1)
    socket.destroy()
    const foreign = publisher(node.address)
    foreign.socket.write(post('x', '').repeat(1))
    await until(() => foreign.statuses().length === 1)
    await settle(20)
    ack()
    const next = publisher(node.address)
    next.socket.write(post(node.id, 'c') + post(node.id, 'd'))
    await until(() => texts.length === 2)
    ack()
    await until(() => texts.length === 3)
    expect(texts).toEqual(['a', 'c', 'd'])
  })

  it('may take their time while they are not read', async () => {
    const { registry, broker } = setUp({ window: 1, requestTimeoutMs: 50 })
    const { node, texts, ack } = await inbox(broker, registry)
    const { socket, statuses } = publisher(node.address)
    const last = post(node.id, 'd')
    socket.write(post(node.id, 'a') + post(node.id, 'b') + post(node.id, 'c') + last.slice(0, 40))
    await until(() => texts.length === 1)
    socket.write(last.slice(40))
    await new Promise(resolve => setTimeout(resolve, 250)) // Node has looked for late requests meanwhile
    for (let n = 1; n <= 4; n += 1) {
      await until(() => texts.length === n)
      ack()
    }
    await until(() => statuses().length === 4)
    expect(statuses()).toEqual(['200', '200', '200', '200'])
  })
})

describe('a subscription that ends', () => {
  it('leaves what waits for it to the other members of the queue: each message is handled once', async () => {
    const { registry, broker } = setUp({ window: 1 })
    const [leaving, staying] = [await inbox(broker, registry, 'red'), await inbox(broker, registry, 'red')]
    const sender = http({ registry, pipelining: 8 })
    closers.push(() => sender.close())
    const send = (text: string) =>
      firstValueFrom(sender.publish('events', { headers: {}, body: Buffer.from(text) }).pipe(toArray()))
    // The first answers show that the connections stay, so the others follow without waiting.
    const first = ['a', 'b'].map(send)
    await until(() => leaving.texts.length + staying.texts.length === 2)
    leaving.ack()
    staying.ack()
    await Promise.all(first)
    const sent = Array.from({ length: 16 }, (_, n) => `${n}`)
    const reports = sent.map(send)
    await until(() => leaving.texts.length > 0 && staying.texts.length > 0 && leaving.waiting.length > 0)
    leaving.unsubscribe()
    while (leaving.texts.length + staying.texts.length < 18) {
      staying.ack()
      await settle(1)
    }
    while (staying.waiting.length > 0) staying.ack()
    expect((await Promise.all(reports)).flat().flatMap(({ error }) => error ?? [])).toEqual([])
    const got = [...leaving.texts, ...staying.texts]
    expect(got.sort()).toEqual(['a', 'b', ...sent].sort())
  })

  it('is answered 410 afterwards', async () => {
    const { registry, broker } = setUp()
    const { node, unsubscribe } = await inbox(broker, registry)
    await inbox(broker, registry)
    unsubscribe()
    expect((await exchange(node.address, post(node.id, 'late')))?.start).toBe('HTTP/1.1 410 Gone')
  })
})

/** What another publisher is answered. */
async function firstAnswer(address: string, broker: Broker, registry: Registry) {
  const other = await inbox(broker, registry)
  const answer = exchange(address, post(other.node.id, 'hi'))
  await until(() => other.texts.length === 1)
  other.ack()
  return answer
}
