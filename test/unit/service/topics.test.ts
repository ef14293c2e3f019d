import { EMPTY, NEVER, Subject, firstValueFrom, of } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import { defineTopic, type Context, type Middleware, type ServiceError, type ServiceOptions } from 'headrace'
import { flowFrom, type Source } from 'headrace/streams'
import { memory } from 'headrace/adapters/registry/memory'
import { createMemoryNetwork } from '../../support/memory-network.js'
import { VirtualClock, settle } from '../../support/virtual-clock.js'

let network = createMemoryNetwork()
afterEach(async () => {
  await network.close()
  network = createMemoryNetwork()
})

const topic = defineTopic<{ n: number }>('numbers')

async function subscribed(
  handler: (event: { n: number }, context: Context) => unknown,
  options: Partial<ServiceOptions> = {},
) {
  const service = network.makeService('subscriber', options)
  const events: string[] = []
  service.events.subscribe(({ text, level }) => level === 'warning' && events.push(text))
  service.subscribe(topic, handler)
  await service.start()
  return { service, events, publisher: network.makeService('publisher') }
}

const passing: Middleware = next => (requests, context) => next(requests, context)

describe('the handler of a topic', () => {
  test.each<[string, () => unknown]>([
    ['a value', () => 5],
    ['nothing', () => undefined],
    ['a Promise', () => Promise.resolve()],
    ['an empty Observable', () => EMPTY],
    ['an Observable of many', () => of(1, 2, 3)],
    [
      'an async generator',
      async function* () {
        yield* [1, 2]
      },
    ],
  ])('may return %s, with middleware and without', async (_, handler) => {
    for (const middleware of [[], [passing]]) {
      const { events, publisher } = await subscribed(handler, { middleware: { subscriber: middleware } })
      expect(await publisher.publish(topic, { n: 1 })).toEqual([
        expect.not.objectContaining({ error: expect.anything() }),
      ])
      expect(events).toEqual([])
      await network.close()
      network = createMemoryNetwork()
    }
  })

  test('hears who publishes, and what for', async () => {
    let seen: Context | undefined
    const { publisher } = await subscribed((_, context) => (seen = context))
    await publisher.publish(topic, { n: 1 }, { metadata: { 'X-Trace': '7' } })
    expect(seen?.metadata).toEqual({ 'X-Trace': '7', 'X-Micro-From-Service': 'publisher' })
    expect([seen?.side, seen?.endpoint, seen?.service]).toEqual(['subscriber', 'numbers', 'subscriber'])
  })

  test('is told by its signal when the service ends before it is done', async () => {
    let seen: Context | undefined
    let called: () => void = () => undefined
    const began = new Promise<void>(resolve => (called = resolve))
    const { service, publisher } = await subscribed((_, context) => {
      seen = context
      expect(context.signal.aborted).toBe(false)
      called()
      return NEVER
    })
    publisher.publish(topic, { n: 1 }).subscribe({ error: () => undefined })
    await began
    expect((await firstValueFrom(service.stats)).handlers).toEqual([{ topic: 'numbers', inFlight: 1 }])
    await service.close({ timeoutMs: 10 })
    expect(seen?.signal.aborted).toBe(true)
  })

  test('that fails is told as an event of the service', async () => {
    const { events, publisher } = await subscribed(() => Promise.reject(new Error('planted')))
    await publisher.publish(topic, { n: 1 })
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(events.some(text => text.includes('planted'))).toBe(true)
  })
})

describe('a subscription at the http broker that the service makes', () => {
  test.each([
    [{ registerTtlMs: 6_000, registerIntervalMs: 2_000 }, 6_000, 4],
    [{ registerTtlMs: 6_000, registerIntervalMs: 0 }, 6_000, 1],
    [{}, 60_000, 1],
  ])('stays in the registry as the service does: %j', async (options, ttlMs, times) => {
    const clock = new VirtualClock()
    const registry = memory({ clock })
    const seen: unknown[] = []
    const register: typeof registry.register = (record, how) => {
      if (record.name === 'topic:numbers') seen.push(how?.ttlMs)
      return registry.register(record, how)
    }
    const argv = ['--broker=http', '--broker_address=127.0.0.1:0']
    const planted = Object.assign(Object.create(registry) as typeof registry, { register })
    await subscribed(() => undefined, { ...options, argv, clock, registry: planted })
    for (let seconds = 0; seconds < 7; seconds += 1) {
      clock.advance(1_000)
      await settle(1)
    }
    expect(seen).toEqual(Array.from({ length: times }, () => ttlMs))
  })
})

describe('a publish', () => {
  test.each([
    [{ metadata: { 'X-Trace': 'a\nb' } }, "metadata 'X-Trace'"],
    [{ metadata: { 'content-type': 'x' } }, "metadata 'content-type'"],
    [{ contentType: 'text/plain' }, 'Unsupported Content-Type: text/plain'],
  ])('with %j is refused', async (options, text) => {
    const failure = await network
      .makeService('publisher')
      .publish(topic, { n: 1 }, options)
      .then(
        () => undefined,
        (error: unknown) => error as ServiceError,
      )
    expect([failure?.kind, failure?.detail]).toEqual(['bad_request', expect.stringContaining(text)])
  })
})

describe('a published stream', () => {
  const numbers = [1, 2, 3].map(n => ({ n }))
  test.each<[string, () => Source<{ n: number }>]>([
    ['an array', () => numbers],
    ['an iterator', () => numbers.values()],
    [
      'an async generator',
      async function* () {
        yield* numbers
      },
    ],
    ['an Observable', () => of(...numbers)],
    ['a Flow', () => flowFrom(numbers)],
  ])('of %s arrives event by event', async (_, source) => {
    const seen: number[] = []
    const { publisher } = await subscribed(({ n }) => seen.push(n))
    const reports = await publisher.publishAll(topic, source(), { metadata: { 'X-Trace': '7' } })
    expect(reports).toMatchObject([{ acked: 3, nacked: 0, missed: 0, unanswered: 0 }])
    expect(seen).toEqual([1, 2, 3])
  })

  test('keeps what an Observable pushes while the adapters are being loaded', async () => {
    const seen: number[] = []
    const { publisher } = await subscribed(({ n }) => seen.push(n))
    const source = new Subject<{ n: number }>()
    const published = publisher.publishAll(topic, source).then(reports => reports.length)
    source.next({ n: 1 })
    source.complete()
    expect([await published, seen]).toEqual([1, [1]])
  })

  test('ends with the event that cannot be encoded, and closes its source', async () => {
    const seen: unknown[] = []
    const { publisher } = await subscribed(event => seen.push(event))
    let closed = false
    const source = (function* () {
      try {
        yield { n: 1 }
        yield { n: NaN }
      } finally {
        closed = true
      }
    })()
    const failure = await publisher.publishAll<unknown>('numbers', source).then(
      () => undefined,
      (error: unknown) => error as ServiceError,
    )
    expect([failure?.kind, seen, closed]).toEqual(['bad_request', [{ n: 1 }], true])
  })

  test('is closed by who unsubscribes', async () => {
    let closed = 0
    const endless = function* () {
      try {
        for (;;) yield { n: 1 }
      } finally {
        closed += 1
      }
    }
    const { service, publisher } = await subscribed(() => NEVER)
    const running = publisher.publishAll(topic, endless()).subscribe({ error: () => undefined })
    await new Promise<void>(resolve => setImmediate(resolve))
    running.unsubscribe()
    expect(closed).toBe(1)
    await service.close({ timeoutMs: 10 })
  })

  test('is no event, and what is no source is no stream', async () => {
    const publisher = network.makeService('publisher')
    const kindOf = (attempt: PromiseLike<unknown>) =>
      attempt.then(
        () => 'no error',
        (error: unknown) => (error as ServiceError).message,
      )
    expect(await kindOf(publisher.publish<unknown>(topic.topic, of({ n: 1 })))).toContain('publishAll')
    expect(await kindOf(publisher.publishAll(topic, 5 as never))).toContain('not number')
    expect(await publisher.publish('numbers', [1, 2])).toEqual([])
  })
})
