import { Subject, firstValueFrom, from, map, take, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { createService, work, type Service } from 'headrace'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { parseProto } from 'headrace/adapters/codec/proto-types'
import { http } from 'headrace/adapters/transport/http'
import { createBrowserClient, defineService, rpc, type BrowserClient } from 'headrace/browser'
import type { BrowserOptions } from '../../../src/service/browser-options.js'
import { openPage, pageOrigin } from '../../support/page.js'

const closing: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close()
})

const registryHub = createRegistryHub()
const brokerHub = createBrokerHub()

function service(name: string, browser: BrowserOptions = {}): Service {
  const made = createService({
    name,
    registry: memoryRegistry({ hub: registryHub }),
    broker: memoryBroker({ hub: brokerHub }),
    transport: http({ allowedOrigins: [pageOrigin] }),
    browser,
    address: '127.0.0.1:0',
    argv: [],
    env: {},
    log: false,
  })
  closing.push(made)
  return made
}

function page(at: Service): BrowserClient {
  const made = openPage(at.address ?? '')
  closing.push(made)
  return made
}

const Shop = defineService('Shop', {
  echo: rpc.unary<{ text: string }, { text: string; from: string }>(),
  count: rpc.serverStream<{ to: number }, { n: number }>(),
  sum: rpc.clientStream<{ n: number }, { sum: number }>(),
  talk: rpc.bidi<{ n: number }, { n: number }>(),
  wait: rpc.unary<object, object>(),
  hidden: rpc.unary<object, object>(),
})

/** What the handlers of {@link serveShop} were told. */
const cancelled = new Subject<string>()

function serveShop(at: Service): void {
  at.handle(Shop, {
    echo: ({ text }, { metadata }) => ({ text, from: metadata['X-Micro-From-Service'] ?? '' }),
    count: function* ({ to }) {
      try {
        for (let n = 1; n <= to; n += 1) yield { n }
      } finally {
        cancelled.next('count')
      }
    },
    sum: async numbers => {
      let sum = 0
      for await (const { n } of numbers) sum += n
      return { sum }
    },
    talk: numbers => numbers.pipe(work(({ n }) => ({ n: n * 2 }), 1)),
    wait: (_, { signal }) =>
      new Promise(() => signal.addEventListener('abort', () => cancelled.next('wait'))),
    hidden: () => ({}),
  })
}

/** A service that pages connect to, `shop` behind it, and a page. */
async function setUp(browser: BrowserOptions) {
  const gate = service('gate', browser)
  const shop = service('shop')
  serveShop(gate)
  serveShop(shop)
  await Promise.all([gate.start(), shop.start()])
  return { gate, shop, page: page(gate) }
}

describe.each([
  ['of the service that it is connected to', 'gate'],
  ['of another service', 'shop'],
])('a page calls endpoints %s', (_, name) => {
  const open = { services: { [name]: '*' } } as const

  it('typed: one answer, and streams both ways', async () => {
    const { page } = await setUp(open)
    const shop = page.client(Shop, name)
    expect(await shop.echo({ text: 'Grüße' })).toEqual({
      text: 'Grüße',
      from: name === 'gate' ? 'browser' : 'gate',
    })
    expect(await firstValueFrom(shop.count({ to: 3 }).pipe(toArray()))).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ])
    expect(await shop.sum(from([1, 2, 3]).pipe(map(n => ({ n }))))).toEqual({ sum: 6 })
    expect(await firstValueFrom(shop.talk([{ n: 1 }, { n: 2 }]).pipe(toArray()))).toEqual([
      { n: 2 },
      { n: 4 },
    ])
  })

  it('by name, all on one connection', async () => {
    const { gate, page } = await setUp(open)
    const calls = Array.from({ length: 100 }, (_, n) => page.client(name).call('Shop.Echo', { text: `${n}` }))
    expect(await Promise.all(calls)).toHaveLength(100)
    expect((await firstValueFrom(gate.stats)).server?.connections).toBe(1)
  })

  it('in protobuf, with all 64 bits of an integer', async () => {
    const { type } = parseProto('syntax = "proto3"; message Count { int64 n = 1; }')
    const count = type<{ n: bigint }>('Count')
    const Counter = defineService('Counter', {
      next: { cardinality: 'unary', request: count, response: count },
    })
    const gate = service('gate', open)
    const shop = service('shop')
    for (const each of [gate, shop]) each.handle(Counter, { next: ({ n }) => ({ n: n + 1n }) })
    await Promise.all([gate.start(), shop.start()])
    const counter = page(gate).client(Counter, name)
    const n = 2n ** 62n
    expect(await counter.next({ n })).toEqual({ n: n + 1n })
    expect(await counter.next({ n }, { contentType: 'application/json' })).toEqual({ n: n + 1n })
  })

  it('cancels: a call, and a stream that is left', async () => {
    const { page } = await setUp(open)
    const shop = page.client(Shop, name)
    const told = firstValueFrom(cancelled)
    const call = shop.wait({}).subscribe({ error: () => undefined })
    await shop.echo({ text: 'the call before has arrived' })
    call.unsubscribe()
    expect(await told).toBe('wait')
    const left = firstValueFrom(cancelled)
    for await (const { n } of shop.count({ to: 1_000_000 })) if (n === 3) break
    expect(await left).toBe('count')
  })

  it('ends what it has under way when it is closed', async () => {
    const { page } = await setUp(open)
    const shop = page.client(Shop, name)
    const left = firstValueFrom(cancelled.pipe(take(2), toArray()))
    const failed = shop.wait({}).then(
      () => 'answered',
      (error: unknown) => error,
    )
    const stream = shop.count({ to: 1_000_000 })[Symbol.asyncIterator]()
    await stream.next()
    page.close()
    expect((await left).sort()).toEqual(['count', 'wait'])
    expect(await failed).toMatchObject({ kind: 'unavailable' })
  })

  it('slows a stream whose values it does not take', async () => {
    const { page } = await setUp(open)
    const stream = page.client(Shop, name).count({ to: 1_000_000 })[Symbol.asyncIterator]()
    await stream.next()
    expect(await page.client(Shop, name).echo({ text: 'others go on' })).toMatchObject({
      text: 'others go on',
    })
    await stream.return?.()
  })
})

describe('what is not opened to pages is closed', () => {
  it.each([
    ['without the option', {}],
    ['for another service', { services: { other: '*' } }],
    ['for other endpoints', { services: { shop: ['Shop.Echo'], gate: ['Shop.Echo'] } }],
  ] satisfies [string, BrowserOptions][])('%s', async (_, browser) => {
    const { page } = await setUp(browser)
    for (const name of ['gate', 'shop']) {
      const shop = page.client(Shop, name)
      await expect(shop.hidden({})).rejects.toMatchObject({ kind: 'forbidden' })
      await expect(firstValueFrom(shop.count({ to: 1 }))).rejects.toMatchObject({ kind: 'forbidden' })
    }
    await expect(firstValueFrom(page.discover('shop'))).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(firstValueFrom(page.topic('prices'))).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(page.publish('prices', 1)).rejects.toMatchObject({ kind: 'forbidden' })
  })

  it('Debug, unless it is named', async () => {
    const { page } = await setUp({ services: { gate: '*', shop: ['Debug.Health'] } })
    await expect(page.client('gate').call('Debug.Health')).rejects.toMatchObject({ kind: 'forbidden' })
    expect(await page.client('shop').call('Debug.Health')).toEqual({ status: 'ok' })
  })

  it('and an endpoint that does not exist is not found', async () => {
    const { page } = await setUp({ services: { gate: '*', shop: '*' } })
    for (const name of ['gate', 'shop']) {
      await expect(page.client(name).call('Shop.Nothing')).rejects.toMatchObject({
        kind: 'not_found',
        message: "rpc: can't find method Shop.Nothing",
      })
    }
  })

  it('services call as ever, and see nothing of it', async () => {
    const { shop } = await setUp({})
    expect(await shop.client(Shop, 'gate').hidden({})).toEqual({})
  })
})

it('lists the nodes of a service as they come and go', async () => {
  const { shop, page } = await setUp({ discover: ['shop'] })
  const lists: string[][] = []
  const seen = page.discover('shop').pipe(map(nodes => nodes.map(({ address }) => address)))
  const subscription = seen.subscribe(list => lists.push(list))
  await until(() => lists.length === 1)
  const second = service('shop')
  serveShop(second)
  await second.start()
  await until(() => lists.at(-1)?.length === 2)
  await second.close()
  await until(() => lists.at(-1)?.length === 1)
  expect(lists.at(-1)).toEqual([shop.address])
  subscription.unsubscribe()
})

it('hears the events of a topic and publishes', async () => {
  const { gate, page } = await setUp({ topics: ['prices'], publish: ['orders'] })
  const heard: unknown[] = []
  const subscription = page.topic<{ price: number }>('prices').subscribe(event => heard.push(event))
  await until(async () => {
    await gate.publish('prices', { price: 12.5 })
    return heard.length > 0
  })
  expect(heard[0]).toEqual({ price: 12.5 })
  subscription.unsubscribe()
  const orders = firstValueFrom(gate.topic('orders'))
  await until(async () => (await page.publish('orders', { id: 7 })).length > 0)
  expect(await orders).toEqual({ id: 7 })
})

it('connects again, with the list of nodes going on by itself', async () => {
  const { gate, shop, page } = await setUp({ services: { gate: '*' }, discover: ['shop'] })
  const states: string[] = []
  page.connection.subscribe(state => states.push(state))
  const lists: number[] = []
  page.discover('shop').subscribe(nodes => lists.push(nodes.length))
  await until(() => lists.length === 1)
  const { address = '' } = gate
  await gate.close({ lingerMs: 0, timeoutMs: 0 })
  await until(() => states.at(-1) !== 'open')
  await expect(page.client(Shop, 'gate').echo({ text: 'x' }, { timeoutMs: 200 })).rejects.toMatchObject({
    kind: expect.stringMatching(/unavailable|timeout/) as string,
  })
  const again = createService({
    name: 'gate',
    registry: memoryRegistry({ hub: registryHub }),
    broker: memoryBroker({ hub: brokerHub }),
    transport: http({ allowedOrigins: [pageOrigin] }),
    browser: { services: { gate: '*' }, discover: ['shop'] },
    address,
    argv: [],
    env: {},
    log: false,
  })
  closing.push(again)
  serveShop(again)
  await again.start()
  expect(await page.client(Shop, 'gate').echo({ text: 'back' }, { timeoutMs: 15_000 })).toMatchObject({
    text: 'back',
  })
  await until(() => lists.length > 1)
  expect(lists.at(-1)).toBe(1)
  expect(states).toContain('connecting')
  page.close()
  expect(states.at(-1)).toBe('closed')
  expect(shop.address).toBeDefined()
})

it.each([
  [{ url: 'http://shop.example' }, "option 'url' must be a URL"],
  [{ url: '' }, "option 'url' must be a URL"],
  [{ url: 'ws://x', retries: -1 }, "option 'retries'"],
  [{ url: 'ws://x', colour: 'red' } as never, "unknown option 'colour'"],
])('says which option is wrong: %j', (options, text) => {
  expect(() => createBrowserClient(options)).toThrow(text)
})

it('says which option of the service is wrong', () => {
  expect(() => service('x', { allowedOrigins: ['*'] })).toThrow('allowedOrigins')
  expect(() => service('x', { services: { a: 'b' as never } })).toThrow("for each service '*' or a list")
  expect(() => service('x', { allowedOrigins: [pageOrigin] })).toThrow('the transport was given')
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 8_000
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`not within 8 s: ${holds.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
