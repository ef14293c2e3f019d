import { createServer } from 'node:net'
import { firstValueFrom, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { http, type HttpBrokerOptions } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { ServiceError, type Delivery, type Message, type StreamReport } from 'headrace/streams'
import { connectTo, exchange, recordingServer } from '../../../support/raw-http.js'

const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function setUp() {
  const registry = memoryRegistry()
  closers.push(() => registry.close())
  const broker = (options: Partial<HttpBrokerOptions> = {}) => {
    const made = http({ registry, address: '127.0.0.1:0', ...options })
    const notices: string[] = []
    made.events.subscribe(event => event.kind === 'notice' && notices.push(event.text))
    closers.push(() => made.close())
    return { made, notices }
  }
  const subscribe = async (
    made: ReturnType<typeof http>,
    topic: string,
    on: (delivery: Delivery<Message>) => void,
  ) =>
    new Promise<() => void>(resolve => {
      const subscription = made.subscribe(topic).subscribe(event => {
        if (event.kind === 'subscribed') resolve(() => subscription.unsubscribe())
        else on(event.delivery)
      })
    })
  const addressOf = async (topic: string) =>
    (await firstValueFrom(registry.lookup(`topic:${topic}`)))[0]?.nodes[0]?.address ?? ''
  return { registry, broker, subscribe, addressOf }
}

const message = (text: string): Message => ({
  headers: { 'Content-Type': 'text/plain' },
  body: Buffer.from(text),
})
const ack = (delivery: Delivery<Message>) => delivery.ack()

describe('between two http brokers of ours', () => {
  it('stats of both sides tell what waits, what is under way and what may be sent', async () => {
    const { broker, subscribe } = setUp()
    const [subscriber, publisher] = [broker().made, broker({ pipelining: 4 }).made]
    const held: Delivery<Message>[] = []
    await subscribe(subscriber, 'slow', delivery => held.push(delivery))
    const until = async (done: () => boolean) => {
      while (!done()) await new Promise(resolve => setTimeout(resolve, 1))
    }
    const reports: unknown[] = []
    for (let sent = 0; sent < 6; sent += 1)
      publisher.publish('slow', message('hi')).subscribe(report => reports.push(report))
    const stream = publisher.publishAll('slow', [message('one'), message('two')]).pipe(toArray())
    const streamed = firstValueFrom(stream)
    await until(() => held.length === 6)

    const [near, far] = [publisher.stats?.(), subscriber.stats?.()]
    expect(near?.topics).toEqual([{ topic: 'slow', subscribers: 1, waiting: 2 }])
    expect(near).toMatchObject({
      toSubscribers: [{ calls: 4, channels: 1, suspect: false }],
      fromPublishers: [],
    })
    expect(near?.toSubscribers[0]?.sendCredit.messages).toBe(262_144 - 7)
    expect(far).toMatchObject({ topics: [], toSubscribers: [] })
    expect(far?.fromPublishers).toMatchObject([{ calls: 4, channels: 1, unanswered: { messages: 2 } }])

    const acking = setInterval(() => held.splice(0).forEach(ack), 1)
    await Promise.all([streamed, until(() => reports.length === 6)])
    clearInterval(acking)
    expect(publisher.stats?.().topics).toMatchObject([{ waiting: 0 }])
    expect(publisher.stats?.().toSubscribers).toMatchObject([{ calls: 0, channels: 0, queuedBytes: 0 }])
    await subscriber.close()
    expect(subscriber.stats?.().fromPublishers).toEqual([])
  })

  it('all topics of a process share one connection, and nothing is posted', async () => {
    const { registry, broker, subscribe, addressOf } = setUp()
    const subscriber = broker().made
    for (const topic of ['one', 'two', 'three']) await subscribe(subscriber, topic, ack)
    const through: string[] = []
    const target = await addressOf('one')
    const proxy = createServer(socket => {
      const onward = connectTo(target)
      socket.once('data', chunk => through.push(chunk.toString('latin1').split('\r\n')[0] ?? ''))
      socket.pipe(onward).pipe(socket)
      socket.on('error', () => onward.destroy())
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise(resolve => proxy.close(resolve)))
    const bound = proxy.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    for (const topic of ['one', 'two', 'three']) {
      const [record] = await firstValueFrom(registry.lookup(`topic:${topic}`))
      const [node] = record?.nodes ?? []
      if (record === undefined || node === undefined) throw new Error('no subscriber')
      const nodes = [{ ...node, address: `127.0.0.1:${port}` }]
      await new Promise<void>((resolve, reject) => {
        registry.register({ ...record, nodes }).subscribe({ complete: resolve, error: reject })
      })
    }
    const publisher = broker().made
    for (const topic of ['one', 'two', 'three']) {
      const reports = await firstValueFrom(publisher.publish(topic, message('hi')).pipe(toArray()))
      expect(reports.map(({ error }) => error)).toEqual([undefined])
      const streamed = await firstValueFrom(publisher.publishAll(topic, [message('a'), message('b')]))
      expect(streamed).toMatchObject({ acked: 2, unanswered: 0 })
    }
    await publisher.close()
    expect(through).toEqual(['GET / HTTP/1.1'])
  })

  it('a publisher hears with which error a message was nacked', async () => {
    const { broker, subscribe } = setUp()
    await subscribe(broker().made, 'events', delivery =>
      delivery.nack(new ServiceError('conflict', 'planted')),
    )
    const report = await firstValueFrom(broker().made.publish('events', message('hi')))
    expect(report.error).toMatchObject({ kind: 'conflict', detail: 'planted' })
  })

  it('a subscriber that something on the way keeps from the fast lane is posted to, with a notice', async () => {
    const { registry, broker } = setUp()
    const server = await recordingServer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    closers.push(server.close)
    const node = { id: 'old', address: server.address, metadata: { secure: 'false', headrace: 'mux/1' } }
    const record = {
      name: 'topic:events',
      version: 'ff.http.broadcast',
      metadata: {},
      endpoints: [],
      nodes: [node],
    }
    await new Promise<void>((resolve, reject) => {
      registry.register(record).subscribe({ complete: resolve, error: reject })
    })
    const { made, notices } = broker()
    const texts = ['1', '2', '3', '4']
    const reports = await Promise.all(
      texts.map(text => firstValueFrom(made.publish('events', message(text)))),
    )
    expect(reports.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined])
    expect(notices).toEqual([expect.stringContaining('it is posted to')])
    expect(await firstValueFrom(made.publishAll('events', [message('5')]))).toMatchObject({ acked: 1 })
    const asked = server.requests.map(({ start }) => start)
    expect(asked).toEqual(['GET / HTTP/1.1', ...Array<string>(5).fill('POST /_sub?id=old HTTP/1.1')])
  })

  it('a published stream to a subscriber that is gone at once ends with a report, and the others have it all', async () => {
    const { broker, subscribe } = setUp()
    const [dying, living] = [broker().made, broker().made]
    let got = 0
    await subscribe(dying, 'events', () => {
      got += 1
      if (got === 10) void dying.close()
    })
    await subscribe(living, 'events', ack)
    const source = Array.from({ length: 5_000 }, (_, at) => message(String(at)))
    const reports = await firstValueFrom(broker().made.publishAll('events', source).pipe(toArray()))
    const sum = ({ acked, nacked, missed, unanswered }: StreamReport) => acked + nacked + missed + unanswered
    expect(reports.map(sum).at(-1)).toBe(5_000)
    const [whole, broken] = [...reports].sort((one, other) => other.acked - one.acked)
    expect(whole).toMatchObject({ acked: 5_000, missed: 0, unanswered: 0 })
    expect(broken).toMatchObject({ acked: 0, error: { kind: 'unavailable' } })
    expect(broken?.unanswered).toBeGreaterThan(9)
  })

  it('a web page is refused the fast lane, and a request in pieces gets it', async () => {
    const { broker, subscribe, addressOf } = setUp()
    await subscribe(broker().made, 'events', ack)
    const address = await addressOf('events')
    const ask = (more = '') =>
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: headrace-mux/1\r\n${more}\r\n`
    expect((await exchange(address, ask('Origin: https://evil.example\r\n')))?.start).toContain('403')
    expect((await exchange(address, ask('Sec-Fetch-Site: cross-site\r\n')))?.start).toContain('403')
    const socket = connectTo(address)
    const head = new Promise<string>(resolve =>
      socket.once('data', chunk => resolve(chunk.toString('latin1'))),
    )
    for (const piece of ask().match(/[^]{1,7}/g) ?? []) {
      socket.write(piece)
      await new Promise(setImmediate)
    }
    expect((await head).split('\r\n')[0]).toBe('HTTP/1.1 101 Switching Protocols')
    socket.destroy()
  })

  it('a POST that also offers another protocol is answered as any other', async () => {
    const { broker, subscribe, addressOf } = setUp()
    await subscribe(broker().made, 'events', ack)
    const answer = await exchange(
      await addressOf('events'),
      'POST /_sub?id=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}',
    )
    expect(answer?.start).toContain('500')
  })

  it('without the fast lane it offers none, and posts', async () => {
    const { registry, broker, subscribe } = setUp()
    await subscribe(broker({ fastLane: false }).made, 'events', ack)
    const [record] = await firstValueFrom(registry.lookup('topic:events'))
    expect(record?.nodes[0]?.metadata).toEqual({ secure: 'false' })
    expect((await firstValueFrom(broker().made.publish('events', message('hi')))).error).toBeUndefined()
  })
})
