import { EMPTY, Subject, firstValueFrom, lastValueFrom, of, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { http, type HttpBrokerOptions } from 'headrace/adapters/broker/http'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import {
  ServiceError,
  type AdapterEvent,
  type Broker,
  type Delivery,
  type Message,
  type NodeRecord,
  type Registry,
} from 'headrace/streams'
import { connectTo, exchange, recordingServer } from '../../../support/raw-http.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const message = (text: string): Message => ({ headers: {}, body: Buffer.from(text) })
const publish = (broker: Broker, text = 'hi', timeoutMs = 60_000) =>
  firstValueFrom(broker.publish('events', message(text), { timeoutMs }).pipe(toArray()))

function setUp(options: Partial<HttpBrokerOptions> = {}) {
  const hub = createRegistryHub()
  const registry = memoryRegistry({ hub })
  const broker = http({ registry, address: '127.0.0.1:0', ...options })
  const events: AdapterEvent[] = []
  broker.events.subscribe(event => events.push(event))
  closers.push(
    () => registry.close(),
    () => broker.close(),
  )
  return { hub, registry, broker, events }
}

async function inbox(broker: Broker, registry: Registry, ack = true, queue?: string) {
  const deliveries: Delivery<Message>[] = []
  const before = new Set((await nodesOf(registry)).map(({ id }) => id))
  let subscription = { unsubscribe: () => undefined as void }
  await new Promise<void>((resolve, reject) => {
    subscription = broker.subscribe('events', queue === undefined ? {} : { queue }).subscribe({
      next: event => {
        if (event.kind === 'subscribed') return resolve()
        deliveries.push(event.delivery)
        if (ack) event.delivery.ack()
      },
      error: reject,
    })
  })
  const node = (await nodesOf(registry)).find(({ id }) => !before.has(id))
  if (node === undefined) throw new Error('the subscription is not in the registry')
  return { deliveries, node, unsubscribe: () => subscription.unsubscribe() }
}

async function nodesOf(registry: Registry): Promise<readonly NodeRecord[]> {
  return (await firstValueFrom(registry.lookup('topic:events'))).flatMap(({ nodes }) => nodes)
}

async function register(
  registry: Registry,
  version: string,
  ...nodes: readonly (readonly [string, string])[]
) {
  const records = nodes.map(([id, address]) => ({ id, address, metadata: { secure: 'false' } }))
  const service = { name: 'topic:events', version, metadata: {}, endpoints: [], nodes: records }
  await lastValueFrom(registry.register(service), { defaultValue: undefined })
}

const post = (id: string, body: string, headers = '') =>
  `POST /_sub?id=${id} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const sound = '{"Header":{":topic":"events"},"Body":"aGk="}'
const broadcast = 'ff.http.broadcast'

/** An address of loopback where nothing listens. */
async function deadAddress(): Promise<string> {
  const server = await recordingServer('')
  await server.close()
  return server.address
}

describe('an http broker as publisher', () => {
  it('gives a message of a queue to another member when one cannot be reached', async () => {
    const { broker, registry } = setUp()
    const alive = await recordingServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    closers.push(alive.close)
    await register(registry, 'red', ['dead', await deadAddress()], ['alive', alive.address])
    for (let turn = 0; turn < 8; turn += 1) expect(await publish(broker)).toEqual([{ subscriber: 'alive' }])
    expect(alive.requests).toHaveLength(8)
  })

  it('reports unavailable for a subscriber that cannot be reached, and for an address that is none', async () => {
    const { broker, registry } = setUp()
    await register(registry, broadcast, ['dead', await deadAddress()])
    await register(registry, 'red', ['odd', 'no address'])
    const kinds = (await publish(broker)).map(({ subscriber, error }) => [subscriber, error?.kind])
    expect(kinds.sort()).toEqual([
      ['dead', 'unavailable'],
      ['odd', 'bad_request'],
    ])
  })

  it('keeps one connection to a subscriber for messages one after the other', async () => {
    const { broker, registry } = setUp()
    const server = await recordingServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    closers.push(server.close)
    await register(registry, broadcast, ['one', server.address])
    await Promise.all(['a', 'b', 'c'].map(text => publish(broker, text)))
    expect(server.sockets.size).toBe(1)
    expect(
      server.requests.map(({ body }) => Buffer.from(JSON.parse(body).Body, 'base64').toString()),
    ).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n', 'resource_exhausted'],
    ['HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n', 'unavailable'],
    ['garbage\r\n\r\n', 'unavailable'],
  ])('reports a subscriber that answers %j as %s', async (answer, kind) => {
    const { broker, registry } = setUp()
    const server = await recordingServer(answer)
    closers.push(server.close)
    await register(registry, broadcast, ['one', server.address])
    expect((await publish(broker)).map(({ error }) => error?.kind)).toEqual([kind])
  })

  it('gives up a subscriber that never answers, and goes on with the next message', async () => {
    const clock = new VirtualClock()
    const { broker, registry } = setUp({ clock, answerTimeoutMs: 10_000 })
    const silent = await recordingServer('')
    closers.push(silent.close)
    await register(registry, broadcast, ['silent', silent.address])
    const reports = [publish(broker, 'a', 5_000), publish(broker, 'b', 5_000)]
    await until(() => silent.requests.length === 1)
    clock.advance(5_000)
    const kinds = (await Promise.all(reports)).flat().map(({ error }) => error?.kind)
    expect(kinds).toEqual(['timeout', 'resource_exhausted'])
    const third = publish(broker, 'c', 60_000)
    clock.advance(5_000)
    await until(() => silent.requests.length === 2)
    clock.advance(10_000)
    expect((await third).map(({ error }) => error?.kind)).toEqual(['timeout'])
  })

  it('refuses a message that no subscriber of ours would take', async () => {
    const { broker } = setUp({ maxBodyBytes: 2 })
    await expect(publish(broker, 'hi!')).rejects.toMatchObject({ kind: 'bad_request' })
  })

  it('errors while the registry is lost before it ever answered, and asks again at the next publish', async () => {
    const { broker, hub, registry } = setUp()
    hub.disconnect()
    await expect(publish(broker)).rejects.toMatchObject({ kind: 'unavailable' })
    hub.reconnect()
    const { deliveries } = await inbox(broker, registry)
    expect(await publish(broker)).toHaveLength(1)
    expect(deliveries).toHaveLength(1)
  })

  it('goes on with the subscribers it knows when the registry is lost later, and says so', async () => {
    const { broker, hub, registry, events } = setUp()
    await inbox(broker, registry)
    await publish(broker)
    hub.disconnect()
    expect(await publish(broker)).toHaveLength(1)
    expect(events).toContainEqual(expect.objectContaining({ kind: 'fault' }))
    hub.reconnect()
  })

  it('forgets a topic that was not used for a while: its watch ends', async () => {
    const clock = new VirtualClock()
    const watched = new Subject<never>()
    const registry = { ...memoryRegistryLike(), watch: () => watched }
    const broker = http({ registry, clock, idleTimeoutMs: 1_000 })
    broker.publish('events', message('hi')).subscribe().unsubscribe()
    expect(watched.observed).toBe(true)
    clock.advance(1_000)
    expect(watched.observed).toBe(false)
    await broker.close()
  })

  it('waits for a registry that says nothing only as long as the publish may take', async () => {
    const clock = new VirtualClock()
    const broker = http({ registry: { ...memoryRegistryLike(), watch: () => new Subject<never>() }, clock })
    const failed = expect(publish(broker, 'hi', 5_000)).rejects.toMatchObject({ kind: 'unavailable' })
    clock.advance(5_000)
    await failed
    await broker.close()
  })
})

describe('an http broker as subscriber', () => {
  it('registers again at the interval, says when it cannot, and deregisters', async () => {
    const clock = new VirtualClock()
    const { broker, hub, registry, events } = setUp({ clock })
    const { node, unsubscribe } = await inbox(broker, registry)
    hub.remove('topic:events', [node.id])
    clock.advance(30_000)
    await settle()
    expect(await nodesOf(registry)).toEqual([node])
    hub.disconnect()
    clock.advance(30_000)
    await settle()
    expect(events.at(-1)).toMatchObject({ kind: 'fault', error: { kind: 'unavailable' } })
    hub.reconnect()
    unsubscribe()
    await settle()
    expect(await nodesOf(registry)).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('errors when it cannot register, and tells a failed deregistration', async () => {
    const { broker, hub, registry, events } = setUp()
    hub.disconnect()
    await expect(firstValueFrom(broker.subscribe('events'))).rejects.toMatchObject({ kind: 'unavailable' })
    hub.reconnect()
    const { unsubscribe } = await inbox(broker, registry)
    hub.disconnect()
    unsubscribe()
    await settle()
    hub.reconnect()
    const faults = events.filter(({ kind }) => kind === 'fault')
    expect(faults).toMatchObject([
      { error: { message: expect.stringContaining("cannot deregister 'topic:events'") } },
      { error: { message: expect.stringContaining("cannot deregister 'go.micro.http.broker'") } },
    ])
  })

  it('listens from the first subscription to the last, and says where', async () => {
    const { broker, registry, events } = setUp()
    const first = await inbox(broker, registry)
    const second = await inbox(broker, registry)
    expect(second.node.address).toBe(first.node.address)
    expect(events).toEqual([{ kind: 'listening', adapter: 'http', address: first.node.address }])
    first.unsubscribe()
    second.unsubscribe()
    await until(async () => (await exchange(first.node.address, post('x', sound))) === undefined)
    await inbox(broker, registry)
    expect(events.filter(({ kind }) => kind === 'listening')).toHaveLength(2)
  })

  it('answers what was acked before it closes, also in the turn of the last unsubscribe', async () => {
    const { broker, registry } = setUp()
    const { deliveries, unsubscribe } = await inbox(broker, registry, false)
    const reports = publish(broker)
    await expect.poll(() => deliveries.length).toBe(1)
    deliveries[0]?.ack()
    unsubscribe()
    expect((await reports).map(({ error }) => error)).toEqual([undefined])
  })

  it('takes the first free port of a range, and errors with conflict when there is none', async () => {
    const { broker, registry } = setUp()
    const [, port] = (await inbox(broker, registry)).node.address.split(':')
    const taken = setUp({ address: `127.0.0.1:${port}` }).broker
    await expect(firstValueFrom(taken.subscribe('events'))).rejects.toMatchObject({ kind: 'conflict' })
    const ranged = setUp({ address: `127.0.0.1:${port}-${Math.min(Number(port) + 20, 65_535)}` })
    const { node } = await inbox(ranged.broker, ranged.registry)
    expect(node.address).not.toBe(`127.0.0.1:${port}`)
  })

  it('registers the advertised address and says why it is that', async () => {
    const { broker, registry, events } = setUp({ advertise: 'example.org' })
    const { node } = await inbox(broker, registry)
    expect(node.address).toMatch(/^example\.org:\d+$/)
    expect(events.map(({ kind }) => kind)).toEqual(['listening', 'notice'])
  })

  it('answers 200 when the handler fails, and tells the failure', async () => {
    const { broker, registry, events } = setUp()
    const { node, deliveries } = await inbox(broker, registry, false)
    const answer = exchange(node.address, post(node.id, sound))
    await until(() => deliveries.length === 1)
    deliveries[0]?.nack(new ServiceError('internal', 'the handler failed'))
    expect((await answer)?.start).toBe('HTTP/1.1 200 OK')
    expect(events.at(-1)).toMatchObject({ kind: 'fault', error: { message: 'the handler failed' } })
  })

  it.each([
    ['Origin: https://example.org\r\n', 403],
    ['Sec-Fetch-Site: cross-site\r\n', 403],
    ['Origin: https://ours.example\r\n', 200],
    ['Expect: 100-continue\r\n', 100],
  ])('answers a request with %j with %i', async (headers, status) => {
    const { broker, registry } = setUp({ allowedOrigins: ['https://ours.example'], pageTopics: ['events'] })
    const { node, deliveries } = await inbox(broker, registry)
    const answer = await exchange(node.address, post(node.id, sound, headers))
    expect(answer?.start).toContain(`HTTP/1.1 ${status}`)
    if (status === 403) expect(deliveries).toEqual([])
  })

  it('takes from pages that are allowed the topics that are listed for them, and no others', async () => {
    const { broker, registry } = setUp({ allowedOrigins: ['https://ours.example'], pageTopics: ['prices'] })
    const { node, deliveries } = await inbox(broker, registry)
    const answer = await exchange(node.address, post(node.id, sound, 'Origin: https://ours.example\r\n'))
    expect(answer?.start).toContain('HTTP/1.1 403')
    expect(answer?.body).toContain('Web pages may not post to the topic events')
    expect((await exchange(node.address, post(node.id, sound)))?.start).toContain('HTTP/1.1 200')
    expect(deliveries).toHaveLength(1)
    expect(() => setUp({ pageTopics: [''] })).toThrow(/'pageTopics' must be a list of topics/)
  })

  it('refuses a body that is too large: from its length, and while it comes', async () => {
    const { broker, registry } = setUp({ maxBodyBytes: 8, maxHeaderBytes: 1_024 })
    const { node } = await inbox(broker, registry)
    const large = ' '.repeat(2_000)
    expect((await exchange(node.address, post(node.id, large)))?.start).toContain('413')
    const chunked = `POST /_sub?id=x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${large}\r\n`
    expect((await exchange(node.address, chunked))?.start).toContain('413')
  })

  it('holds no more unanswered bytes than it may, however they arrive', async () => {
    const { broker, registry } = setUp({ maxPendingBytes: 40_000 })
    const { node, deliveries } = await inbox(broker, registry, false)
    const pipelined = connectTo(node.address)
    pipelined.write(post(node.id, sound).repeat(100))
    await until(() => deliveries.length === 4)
    expect((await exchange(node.address, post(node.id, sound)))?.start).toContain('503')
    for (const delivery of deliveries) delivery.ack()
    await until(async () => (await exchange(node.address, post('x', sound)))?.start === 'HTTP/1.1 200 OK')
    pipelined.destroy()
  })

  it('forgets a publisher that leaves while its message waits', async () => {
    const { broker, registry } = setUp({ window: 1 })
    const { node, deliveries } = await inbox(broker, registry, false)
    const [first, second] = [connectTo(node.address), connectTo(node.address)]
    first.write(post(node.id, sound))
    await until(() => deliveries.length === 1)
    second.write(post(node.id, sound))
    second.on('error', () => undefined).end()
    second.destroy()
    await settle(50)
    deliveries[0]?.ack()
    const third = exchange(node.address, post(node.id, sound.replace('aGk=', 'bGFzdA==')))
    await until(
      () =>
        deliveries.some(({ value }) => Buffer.from(value.body).toString() === 'last') ||
        (deliveries.at(-1)?.ack(), false),
    )
    deliveries.at(-1)?.ack()
    expect((await third)?.start).toBe('HTTP/1.1 200 OK')
    first.destroy()
  })

  it.each([
    [{ address: 'nowhere' }, 'bad_request'],
    [{ address: '127.0.0.1:80:80' }, 'bad_request'],
    [{ address: '192.0.2.1:0' }, 'bad_request'],
  ])('errors for %j with %s', async (options, kind) => {
    const { broker } = setUp(options)
    await expect(firstValueFrom(broker.subscribe('events'))).rejects.toMatchObject({ kind })
  })

  it('names unknown options, and the missing registry', () => {
    expect(() => http({ registry: memoryRegistry(), wait: 1 } as never)).toThrow(/unknown option 'wait'/)
    expect(() => http({} as never)).toThrow(/'registry' is missing/)
  })
})

function memoryRegistryLike(): Registry {
  return {
    name: 'fake',
    events: EMPTY,
    register: () => EMPTY,
    deregister: () => EMPTY,
    lookup: () => of([]),
    list: () => of([]),
    watch: () => EMPTY,
    close: async () => undefined,
  }
}

/** Waits until a condition holds that nothing announces. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 5_000
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('the condition did not come true within 5 s')
    await settle(1)
  }
}
