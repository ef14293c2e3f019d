import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Observable, delay, firstValueFrom, from, map, of, throwError, toArray } from 'rxjs'
import {
  ServiceError,
  bidi,
  clientStream,
  serverStream,
  work,
  type Context,
  type Flow,
  type Service,
  type UntypedClient,
} from 'headrace'
import { createSelector, type SelectorOptions } from 'headrace/actors'
import type { Selector } from 'headrace/streams'
import { createMemoryNetwork, type MemoryNetwork } from '../support/memory-network.js'

/** What a handler is to do: how it answers, with what, and whether it fails after that. */
interface Order {
  readonly how: string
  readonly values: readonly unknown[]
  readonly fails: boolean
}

/** What a caller gets: values, and the kind of the error that came after them. */
interface Outcome {
  readonly values: readonly unknown[]
  readonly error: string | undefined
}

const failure = () => new ServiceError('conflict', 'as it was told')

const unary: Readonly<Record<string, (order: Order) => unknown>> = {
  value: ({ values, fails }) => {
    if (fails) throw failure()
    return values[0] ?? null
  },
  promise: async ({ values, fails }) => {
    await Promise.resolve()
    if (fails) throw failure()
    return values[0] ?? null
  },
  observable: ({ values, fails }) => (fails ? throwError(failure) : of(values[0] ?? null)),
  'late observable': ({ values, fails }) =>
    fails ? throwError(failure) : of(values[0] ?? null).pipe(delay(0)),
}

const streams: Readonly<
  Record<string, (order: Order) => Iterable<unknown> | AsyncIterable<unknown> | Observable<unknown>>
> = {
  array: ({ values, fails }) => (fails ? (streams['generator']?.({ how: '', values, fails }) ?? []) : values),
  generator: function* ({ values, fails }) {
    yield* values
    if (fails) throw failure()
  },
  'async generator': async function* ({ values, fails }) {
    for (const value of values) {
      await Promise.resolve()
      yield value
    }
    if (fails) throw failure()
  },
  observable: ({ values, fails }) =>
    new Observable(subscriber => {
      for (const value of values) subscriber.next(value)
      if (fails) subscriber.error(failure())
      else subscriber.complete()
    }),
}

const collecting: Readonly<Record<string, (requests: Flow<unknown>) => unknown>> = {
  'for await': async requests => {
    const all: unknown[] = []
    for await (const request of requests) all.push(request)
    return all
  },
  observable: requests => requests.pipe(toArray()),
  work: requests =>
    requests.pipe(
      work(async request => Promise.resolve(request)),
      toArray(),
    ),
}

const talking: Readonly<
  Record<string, (requests: Flow<unknown>) => Observable<unknown> | AsyncIterable<unknown>>
> = {
  itself: requests => requests,
  map: requests => requests.pipe(map(request => [request])),
  work: requests => requests.pipe(work(async request => Promise.resolve([request]))),
  'async generator': async function* (requests) {
    for await (const request of requests) yield [request]
  },
}

let network: MemoryNetwork
let server: Service
let caller: Service
let client: UntypedClient
let uses = 0

/** A selector that counts the uses for which a report is owed. */
function counted(options: SelectorOptions): Selector {
  const selector = createSelector(options)
  return Object.assign(Object.create(selector) as Selector, {
    pick: (...args: Parameters<Selector['pick']>) => {
      const node = selector.pick(...args)
      if (node !== undefined) uses += 1
      return node
    },
    select: (...args: Parameters<Selector['select']>) =>
      selector.select(...args).pipe(map(node => ((uses += 1), node))),
    report: (...args: Parameters<Selector['report']>) => {
      uses -= 1
      selector.report(...args)
    },
  })
}

beforeAll(async () => {
  network = createMemoryNetwork()
  server = network.makeService('test')
  server.handle({
    Test: {
      Unary: (order: Order) => unary[order.how]?.(order),
      Count: serverStream((order: Order) => streams[order.how]?.(order) ?? []),
      Wait: (_: unknown, { signal }: Context) =>
        new Promise(resolve => signal.addEventListener('abort', resolve)),
      ...Object.fromEntries(Object.entries(collecting).map(([how, f]) => [`Sum ${how}`, clientStream(f)])),
      ...Object.fromEntries(Object.entries(talking).map(([how, f]) => [`Talk ${how}`, bidi(f)])),
    },
  })
  await server.start()
  caller = network.makeService('caller', { selector: counted })
  client = caller.client('test')
})
afterAll(() => network.close())

/** What there is in use on both sides. */
async function inUse() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
  const [there, here] = await Promise.all([firstValueFrom(server.stats), firstValueFrom(caller.stats)])
  const busy = here.connections.reduce(
    (sum, { links, idle, waiting, dialling }) => sum + links - idle + waiting + dialling,
    0,
  )
  const { inFlight = 0, waitingRequests = 0, waitingAnswers = 0 } = there.server ?? {}
  return {
    uses,
    busy,
    inFlight,
    waitingRequests,
    waitingAnswers,
    deadlines: here.deadlines + there.deadlines,
  }
}
const nothing = { uses: 0, busy: 0, inFlight: 0, waitingRequests: 0, waitingAnswers: 0, deadlines: 0 }

const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(n => (n === 0 ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter(key => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value
const values = fc.array(json, { maxLength: 12 })

const ordered = (how: readonly string[]): fc.Arbitrary<Order> =>
  fc.record({ how: fc.constantFrom(...how), values, fails: fc.boolean() })

async function outcomeOf(answers: Observable<unknown> | AsyncIterable<unknown>): Promise<Outcome> {
  const got: unknown[] = []
  try {
    if (answers instanceof Observable)
      await new Promise<void>((resolve, reject) => {
        answers.subscribe({ next: value => got.push(value), error: reject, complete: resolve })
      })
    else for await (const answer of answers) got.push(answer)
    return { values: got, error: undefined }
  } catch (error) {
    return { values: got, error: ServiceError.from(error).kind }
  }
}

describe('a call through the whole stack gives what the bare handler gives', () => {
  test('one request, one answer', async () => {
    await fc.assert(
      fc.asyncProperty(ordered(Object.keys(unary)), async order => {
        const bare = order.fails
          ? { values: [], error: 'conflict' }
          : { values: [order.values[0] ?? null], error: undefined }
        expect(await outcomeOf(client.call('Test.Unary', order))).toEqual(bare)
      }),
      { numRuns: 60 },
    )
    expect(await inUse()).toEqual(nothing)
  })

  test('one request, many answers: subscribed or iterated', async () => {
    await fc.assert(
      fc.asyncProperty(ordered(Object.keys(streams)), fc.boolean(), async (order, iterated) => {
        const expected = { values: order.values, error: order.fails ? 'conflict' : undefined }
        const answers = client.stream('Test.Count', [order])
        const given = iterated ? { [Symbol.asyncIterator]: () => answers[Symbol.asyncIterator]() } : answers
        expect(await outcomeOf(given)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
    expect(await inUse()).toEqual(nothing)
  })

  test('many requests, one answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(collecting)), values, async (how, requests) => {
        expect(await outcomeOf(client.stream(`Test.Sum ${how}`, requests))).toEqual({
          values: [requests],
          error: undefined,
        })
      }),
      { numRuns: 40 },
    )
    expect(await inUse()).toEqual(nothing)
  })

  test('many requests, many answers: from an iterable or an Observable', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(talking)),
        values,
        fc.boolean(),
        async (how, requests, pushed) => {
          const answers = client.stream(`Test.Talk ${how}`, pushed ? from(requests) : requests)
          const expected = how === 'itself' ? requests : requests.map(request => [request])
          expect(await outcomeOf(answers)).toEqual({ values: expected, error: undefined })
        },
      ),
      { numRuns: 60 },
    )
    expect(await inUse()).toEqual(nothing)
  })
})

describe('a call that is left at any step leaves nothing behind', () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('unary', 'wait', 'count', 'sum', 'talk', 'nobody'),
      turns: fc.nat(12),
      microtasks: fc.nat(6),
      how: fc.constantFrom('unsubscribe', 'signal'),
    }),
    { minLength: 1, maxLength: 6 },
  )
  const endless = function* () {
    for (let n = 0; ; n += 1) yield n
  }

  test('by unsubscribing or by a signal, several at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async left => {
        await Promise.all(
          left.map(async ({ what, turns, microtasks, how }) => {
            const controller = new AbortController()
            const options = { signal: controller.signal }
            const calls: Readonly<Record<string, () => Observable<unknown>>> = {
              unary: () =>
                client.call('Test.Unary', { how: 'late observable', values: [1], fails: false }, options),
              wait: () => client.call('Test.Wait', {}, options),
              count: () =>
                client.stream(
                  'Test.Count',
                  [{ how: 'generator', values: Array(500).fill(1), fails: false }],
                  options,
                ),
              sum: () => client.stream('Test.Sum for await', endless(), options),
              talk: () => client.stream('Test.Talk work', endless(), options),
              nobody: () =>
                client.call('Test.Nobody', {}, { ...options, address: '127.0.0.1:9', retries: 9 }),
            }
            const subscription = (calls[what]?.() ?? of()).subscribe({ error: () => undefined })
            for (let turn = 0; turn < turns; turn += 1)
              await new Promise<void>(resolve => setImmediate(resolve))
            for (let task = 0; task < microtasks; task += 1) await Promise.resolve()
            if (how === 'unsubscribe') subscription.unsubscribe()
            else controller.abort()
          }),
        )
        expect(await inUse()).toEqual(nothing)
      }),
      { numRuns: 60 },
    )
  })
})
