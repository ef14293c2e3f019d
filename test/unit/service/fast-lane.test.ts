import { NEVER, finalize, firstValueFrom, interval } from 'rxjs'
import { afterEach, describe, expect, it, test } from 'vitest'
import { bidi, serverStream, type Context, type Flow, type ServiceError } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork(() => http())
afterEach(() => network.close())

test('10,000 calls started in one turn before there is a connection share one; closing ends an endless stream at once', async () => {
  const server = network.makeService('many')
  server.handle({
    Many: { Echo: ({ n }: { n: number }) => ({ n }), Endless: serverStream(() => interval(5)) },
  })
  await server.start()
  const client = network.makeOwnService('caller')
  const many = client.client('many')
  const numbers = Array.from({ length: 10_000 }, (_, n) => n)
  const calls = numbers.map(n => many.call<{ n: number }>('Many.Echo', { n }, { timeoutMs: 20_000 }))
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers)
  const seen: unknown[] = []
  const ended = new Promise<unknown>(resolve =>
    many.stream('Many.Endless', [{}]).subscribe({
      next: value => seen.push(value),
      error: (error: unknown) => resolve(error),
    }),
  )
  while (seen.length < 3) await new Promise(resolve => setTimeout(resolve, 5))
  expect((await firstValueFrom(server.stats)).server?.connections).toBe(1)
  const started = performance.now()
  await client.close()
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(await ended).toMatchObject({ kind: 'unavailable' })
})

describe('a handler', () => {
  /** Handlers that run until nobody wants them, and how many do. */
  async function endless() {
    let running = 0
    const aborted: string[] = []
    const begin = ({ signal }: Context) => {
      running += 1
      signal.addEventListener('abort', () => aborted.push((signal.reason as ServiceError).kind))
      return NEVER.pipe(finalize(() => (running -= 1)))
    }
    const server = network.makeService('endless')
    server.handle({
      Endless: {
        Call: (_: unknown, context: Context) => begin(context),
        Down: serverStream((_: unknown, context: Context) => begin(context)),
        Both: bidi((_: Flow<unknown>, context: Context) => begin(context)),
        Running: () => ({ running }),
      },
    })
    await server.start()
    const client = network.makeService('caller').client('endless')
    const count = async () => (await client.call<{ running: number }>('Endless.Running')).running
    await count()
    return { client, count, aborted }
  }

  it('of a call or a stream ends within one round trip when its caller cancels', async () => {
    const { client, count, aborted } = await endless()
    const started = [
      client.call('Endless.Call').subscribe(),
      client.stream('Endless.Down', [{}]).subscribe(),
      client.stream('Endless.Both', NEVER).subscribe(),
    ]
    while ((await count()) < 3);
    for (const subscription of started) subscription.unsubscribe()
    // One question on the same connection, behind the cancels: one round trip.
    expect(await count()).toBe(0)
    expect(aborted).toHaveLength(3)
  })

  it('of a call or a stream ends when its deadline passes', async () => {
    const { client, count } = await endless()
    const errors: string[] = []
    const error = ({ kind }: ServiceError) => errors.push(kind)
    const options = { timeoutMs: 300 }
    client.call('Endless.Call', {}, options).subscribe({ error })
    client.stream('Endless.Down', [{}], options).subscribe({ error })
    client.stream('Endless.Both', NEVER, options).subscribe({ error })
    while ((await count()) < 3);
    while (errors.length < 3) await new Promise(resolve => setTimeout(resolve, 5))
    expect(errors).toEqual(['timeout', 'timeout', 'timeout'])
    expect(await count()).toBe(0)
  })
})

test('stats of both sides tell calls, channels, queues, credit and what is not answered', async () => {
  const server = network.makeService('numbers')
  server.handle({
    Numbers: {
      Wait: () => NEVER,
      Down: serverStream(function* () {
        for (let n = 0; ; n += 1) yield { n, text: 'x'.repeat(100) }
      }),
    },
  })
  await server.start()
  const client = network.makeService('reader')
  const numbers = client.client('numbers')
  const waiting = numbers.call('Numbers.Wait').subscribe({ error: () => undefined })
  const stream = numbers.stream<{ n: number }>('Numbers.Down', [{}])[Symbol.asyncIterator]()
  const near = async () => (await firstValueFrom(client.stats)).connections[0]
  const far = async () => (await firstValueFrom(server.stats)).server?.shared[0]
  const stalled = async () => ((await near())?.shared[0]?.unanswered.messages ?? 0) > 1_000
  for (let n = 0; n < 5; n += 1) expect((await stream.next()).value).toMatchObject({ n })
  while (!(await stalled())) await new Promise(resolve => setTimeout(resolve, 5))
  const [ours, theirs] = [await near(), await far()]
  expect(ours).toMatchObject({ links: 1, waiting: 0, suspect: false })
  expect(ours?.shared).toMatchObject([{ suspect: false, calls: 1, channels: 1, queuedBytes: 0 }])
  const { unanswered, receiveCredit } = ours?.shared[0] ?? {}
  expect(unanswered?.messages).toBeLessThanOrEqual(1_024)
  expect(unanswered?.bytes).toBeGreaterThan(100_000)
  expect(receiveCredit?.messages).toBeLessThan(262_144 - 1_000)
  expect(theirs).toMatchObject({ suspect: false, calls: 1, channels: 1, unanswered: { messages: 0 } })
  expect(theirs?.sendCredit.messages).toBeLessThanOrEqual(262_144 - 1_000)
  // The generator is not asked for what would only wait here.
  expect(theirs?.queuedBytes).toBe(0)
  await stream.return?.()
  waiting.unsubscribe()
  expect((await near())?.shared).toMatchObject([
    { calls: 0, channels: 0, unanswered: { messages: 0, bytes: 0 } },
  ])
})

test('stats tell the connections of the broker', async () => {
  const argv = ['--broker=http', '--broker_address=127.0.0.1:0']
  const [subscriber, publisher] = ['subscriber', 'publisher'].map(name => network.makeService(name, { argv }))
  subscriber?.subscribe('news', () => undefined)
  await subscriber?.start()
  expect(await publisher?.publish('news', { n: 1 })).toHaveLength(1)
  const near = await firstValueFrom(publisher?.stats ?? NEVER)
  expect(near.broker).toMatchObject({
    topics: [{ topic: 'news', subscribers: 1, waiting: 0 }],
    toSubscribers: [{ calls: 0, channels: 0, suspect: false }],
    fromPublishers: [],
  })
  const far = await firstValueFrom(subscriber?.stats ?? NEVER)
  expect(far.broker?.fromPublishers).toMatchObject([{ calls: 0, channels: 0 }])
  const other = network.makeService('other') // its broker is the one in memory
  await other.start()
  expect((await firstValueFrom(other.stats)).broker).toBeUndefined()
})
