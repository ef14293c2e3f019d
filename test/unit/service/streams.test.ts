import { NEVER, Subject, firstValueFrom, lastValueFrom, map, of, toArray } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import {
  bidi,
  clientStream,
  serverStream,
  type Context,
  type Flow,
  type ServiceError,
  type ServiceOptions,
} from 'headrace'
import { createMemoryNetwork } from '../../support/memory-network.js'

let network = createMemoryNetwork()
afterEach(async () => {
  await network.close()
  network = createMemoryNetwork()
})

async function pair(options: Partial<ServiceOptions> = {}) {
  const contexts: Context[] = []
  const server = network.makeService('test')
  server.handle({
    Test: {
      Echo: bidi((requests: Flow<unknown>) => requests),
      Wait: bidi((_: Flow<unknown>, context: Context) => {
        contexts.push(context)
        return NEVER
      }),
      First: serverStream((request: unknown) => [request]),
      Nothing: clientStream(() => undefined),
      Half: clientStream((requests: Flow<number>) => firstValueFrom(requests)),
      Strange: serverStream(() => Promise.resolve([]) as never),
    },
  })
  await server.start()
  const caller = network.makeService('caller', options)
  return { server, caller, client: caller.client('test'), contexts }
}

const failed = (answers: { subscribe: Flow<unknown>['subscribe'] }): Promise<ServiceError> =>
  new Promise((resolve, reject) => {
    answers.subscribe({ error: resolve, complete: () => reject(new Error('it did not fail')) })
  })

describe('a stream', () => {
  test('of something that is no source of requests is refused', async () => {
    const { client } = await pair()
    for (const requests of [undefined, 5, 'text', Promise.resolve([])]) {
      const { kind, detail } = await failed(client.stream('Test.Echo', requests as never))
      expect([kind, detail]).toEqual(['bad_request', expect.stringContaining('the requests of a stream are')])
    }
  })

  test('has options that are checked', async () => {
    const { client } = await pair()
    expect((await failed(client.stream('Test.Echo', [], { retries: -1 }))).kind).toBe('bad_request')
  })

  test('that was cancelled, or is too late before it begins, does not begin', async () => {
    const { client, caller } = await pair()
    expect((await failed(client.stream('Test.Echo', [1], { signal: AbortSignal.abort() }))).kind).toBe(
      'cancelled',
    )
    expect((await failed(client.stream('Test.Echo', [1], { timeoutMs: 0 }))).kind).toBe('timeout')
    expect((await firstValueFrom(caller.stats)).connections).toEqual([])
  })

  test('that does not come to be open fails; one that is open has no limit', async () => {
    const { client } = await pair({ timeoutMs: 40 })
    const hanging = network.makeService('caller', {
      timeoutMs: 40,
      selector: () => ({
        name: 'never',
        pick: () => undefined,
        select: () => NEVER,
        candidates: () => NEVER,
        report: () => undefined,
        reset: () => undefined,
        close: () => Promise.resolve(),
      }),
    })
    const { kind, detail } = await failed(hanging.client('test').stream('Test.Echo', [1]))
    expect([kind, detail]).toEqual(['timeout', 'test Test.Echo: the stream was not open after 40 ms'])
    const requests = new Subject<number>()
    const answers = lastValueFrom(client.stream('Test.Echo', requests).pipe(toArray()))
    requests.next(1)
    await new Promise<void>(resolve => setTimeout(resolve, 80))
    requests.next(2)
    requests.complete()
    expect(await answers).toEqual([1, 2])
  })

  test('past its deadline ends with timeout, and its handler is told', async () => {
    const { client, contexts } = await pair()
    const failure = await failed(client.stream('Test.Wait', NEVER, { timeoutMs: 40 }))
    expect([failure.kind, failure.detail]).toEqual(['timeout', expect.stringContaining('past its deadline')])
    const { signal } = contexts[0] as Context
    if (!signal.aborted) await new Promise(resolve => signal.addEventListener('abort', resolve))
  })

  test('ends with the error of its requests', async () => {
    const { client } = await pair()
    const requests = (function* () {
      yield 1
      throw new Error('planted')
    })()
    expect((await failed(client.stream('Test.Echo', requests))).detail).toBe('planted')
  })

  test('with a request that no codec can write ends with what the codec says', async () => {
    const { client } = await pair()
    expect((await failed(client.stream('Test.Echo', [{ big: () => 1 }, 10n ** 30n]))).kind).toBe(
      'bad_request',
    )
  })

  test('with an answer that cannot be read ends, and its handler is told', async () => {
    const { caller } = await pair()
    const definition = {
      echo: {
        name: 'Test.Echo',
        cardinality: 'bidi',
        response: unreadable,
      },
    } as const
    const client = caller.client(definition as never, 'test') as {
      echo(requests: unknown, options: object): Flow<unknown>
    }
    const { kind, detail } = await failed(client.echo(of(1), { contentType: 'application/json' }))
    expect([kind, detail]).toEqual(['internal', expect.stringContaining('the answer cannot be read')])
  })

  test.each([
    ['one request too many for a server stream', 'Test.First', [1, 2, 3], [1]],
    ['requests that a handler does not read', 'Test.Half', [7, 8, 9], [7]],
  ])('%s are dropped', async (_, endpoint, requests, answers) => {
    const { client } = await pair()
    expect(await lastValueFrom(client.stream(endpoint, requests).pipe(toArray()))).toEqual(answers)
  })

  test('of a handler that returns no stream fails with internal', async () => {
    const { client } = await pair()
    const { kind, detail } = await failed(client.stream('Test.Strange', [1]))
    expect([kind, detail]).toEqual([
      'internal',
      expect.stringContaining('Test.Strange must return an Observable'),
    ])
  })

  test('through middleware stays a stream that can be pulled', async () => {
    const { client } = await pair({
      middleware: {
        client: [next => (requests, context) => next(requests, context).pipe(map(answer => answer))],
      },
    })
    let asked = 0
    const requests = (function* () {
      for (;;) yield (asked += 1)
    })()
    for await (const n of client.stream<number>('Test.Echo', requests)) if (n === 3) break
    expect(asked).toBeLessThan(5_000)
  })
})

const unreadable = {
  name: 'x',
  record: { name: 'x', type: 'x', values: [] },
  encodeJson: () => '',
  encodeBinary: () => new Uint8Array(0),
  decodeJson: () => {
    throw new Error('planted')
  },
  decodeBinary: () => {
    throw new Error('planted')
  },
}
