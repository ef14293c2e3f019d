import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EMPTY, mergeMap, of, retry, timer } from 'rxjs'
import { ServiceError, withMetadata, type CallOptions, type Context, type Middleware } from 'headrace'
import { createClient } from '../../../../src/actors/client.js'
import { CallContext } from '../../../../src/actors/call-context.js'
import { ScriptedCalls } from '../../../support/scripted-calls.js'
import { settle } from '../../../support/virtual-clock.js'

let calls: ScriptedCalls
beforeEach(() => {
  calls = new ScriptedCalls(['a', 'b', 'c'])
})
// Whatever becomes of a call: no use of a node, no link, no deadline and no timer stays behind.
afterEach(async () => {
  await settle()
  expect({ inFlight: calls.inFlight, lent: calls.lent, deadlines: calls.deadlines.size }).toEqual({
    inFlight: 0,
    lent: 0,
    deadlines: 0,
  })
  // The timer of deadlines that are gone may run on until it is due.
  calls.deadlines.close()
  expect(calls.clock.pending).toBe(0)
})

const defaults = {
  from: 'caller',
  timeoutMs: 5_000,
  retries: 1,
  untypedContentType: 'application/json',
  typedContentType: 'application/protobuf',
  dialect: 'rpc' as const,
}

interface Outcome {
  value?: unknown
  error?: ServiceError
}

function call(options: CallOptions = {}, middleware: readonly Middleware[] = [], idempotent = false) {
  const client = createClient({ services: calls.services, defaults, middleware })
  const target = {
    service: 'greeter',
    definition: { name: 'Greeter.Hello', cardinality: 'unary' as const, idempotent },
  }
  const outcome: Outcome = {}
  const subscription = client.unary(target, { name: 'John' }, options).subscribe({
    next: value => (outcome.value = value),
    error: (error: ServiceError) => (outcome.error = error),
  })
  return { outcome, cancel: () => subscription.unsubscribe() }
}

const down = new ServiceError('unavailable', 'connection refused')
const request = (at: number) => {
  const found = calls.requests[at]
  if (found === undefined) throw new Error(`there is no request ${at}`)
  return found
}
const addresses = () => calls.requests.map(({ address }) => address)

describe('a call', () => {
  test('is written at once, and its answer reported with its latency', () => {
    const { outcome } = call({ metadata: { 'X-Trace': '1' } })
    expect(request(0).message.headers).toMatchObject({
      'X-Trace': '1',
      'X-Micro-From-Service': 'caller',
      'Content-Type': 'application/json',
      Timeout: '5000000000',
    })
    calls.clock.advance(7)
    request(0).answer({ greeting: 'Hello John' })
    expect(outcome).toEqual({ value: { greeting: 'Hello John' } })
    expect(calls.reports).toEqual([{ id: 'a', latencyMs: 7, kind: undefined }])
  })

  test('the error of a handler says nothing against its node, and is not tried again', () => {
    const { outcome } = call()
    request(0).refuse(new ServiceError('conflict', 'taken', { id: 'greeter' }))
    expect([outcome.error?.kind, addresses()]).toEqual(['conflict', ['a:1']])
    expect(calls.reports).toEqual([{ id: 'a', latencyMs: 0, kind: undefined }])
  })

  describe('that certainly did not run', () => {
    test('goes to nodes that were not tried, at once and for free', () => {
      calls.unreachable.set('a:1', down).set('b:1', down)
      const { outcome } = call()
      expect(addresses()).toEqual(['c:1'])
      request(0).answer(1)
      expect(outcome).toEqual({ value: 1 })
      expect(calls.reports.map(({ id, kind }) => [id, kind])).toEqual([
        ['a', 'unavailable'],
        ['b', 'unavailable'],
        ['c', undefined],
      ])
    })

    test('waits when all were tried, and then fails with the last failure', () => {
      for (const id of ['a', 'b', 'c']) calls.unreachable.set(`${id}:1`, down)
      const { outcome } = call({ retries: 2 })
      expect([outcome, calls.clock.pending > 0]).toEqual([{}, true])
      calls.clock.advance(100)
      expect(outcome).toEqual({})
      calls.clock.advance(200)
      expect(outcome.error).toBe(down)
    })

    test('is not tried again with 0 retries', () => {
      calls.unreachable.set('a:1', down)
      expect(call({ retries: 0 }).outcome.error).toBe(down)
    })

    test('because the runtime of the node refused it goes to another', () => {
      const { outcome } = call()
      request(0).refuse(new ServiceError('unavailable', 'draining', { id: 'headrace.refused' }))
      request(1).answer(2)
      expect([outcome, addresses()]).toEqual([{ value: 2 }, ['a:1', 'b:1']])
    })

    test('because its node has registered an address that is none goes to another', () => {
      calls.unreachable.set('a:1', new ServiceError('bad_request', "'a' is no address"))
      const { outcome } = call()
      request(0).answer(3)
      expect([outcome, calls.reports[0]]).toEqual([
        { value: 3 },
        { id: 'a', latencyMs: undefined, kind: 'unavailable' },
      ])
    })

    test('because too many wait here says nothing of a node', () => {
      for (const id of ['a', 'b', 'c']) {
        calls.unreachable.set(`${id}:1`, new ServiceError('resource_exhausted', 'too many wait'))
      }
      const { outcome } = call({ retries: 0 })
      expect([outcome.error?.kind, calls.reports]).toEqual([
        'resource_exhausted',
        [{ id: 'a', latencyMs: undefined, kind: undefined }],
      ])
    })

    test('because it cannot be written says nothing of a node, and is not tried again', () => {
      const { outcome } = call()
      request(0).break(new ServiceError('bad_request', 'no header'), false)
      expect([outcome.error?.kind, calls.reports[0]?.kind, addresses()]).toEqual([
        'bad_request',
        undefined,
        ['a:1'],
      ])
    })
  })

  test.each([
    ['that may have run is not tried again', false, 'unavailable', 1],
    ['that may have run is tried again where that is safe', true, 'unavailable', 2],
    ['is not tried again for a failure that stays', true, 'internal', 1],
  ] as const)('%s', (_, idempotent, kind, attempts) => {
    const { outcome } = call({}, [], idempotent)
    request(0).break(new ServiceError(kind, 'broke'), true)
    calls.clock.advance(100)
    expect(addresses()).toEqual(['a:1', 'b:1'].slice(0, attempts))
    if (attempts === 2) request(1).break(new ServiceError(kind, 'again'), true)
    expect(outcome.error?.kind).toBe(kind)
  })

  test('keeps away from the nodes it was told to avoid also when it is tried again', () => {
    calls.unreachable.set('b:1', down)
    const { outcome } = call({ avoid: ['a'] })
    expect([calls.picks[1]?.avoid, addresses()]).toEqual([['a', 'b'], ['c:1']])
    request(0).answer(1)
    expect(outcome.value).toBe(1)
  })

  test('by address asks no selector', () => {
    const { outcome } = call({ address: 'z:9' })
    request(0).answer(1)
    expect([outcome.value, addresses(), calls.picks, calls.reports]).toEqual([1, ['z:9'], [], []])
  })

  describe('has a deadline', () => {
    test('that covers all attempts; what is left goes along', () => {
      const { outcome } = call({ timeoutMs: 250, retries: 5 }, [], true)
      request(0).break(down, true)
      calls.clock.advance(100)
      expect(request(1).message.headers['Timeout']).toBe('150000000')
      calls.clock.advance(160)
      expect([outcome.error?.kind, request(1).cancelled]).toEqual(['timeout', true])
      expect(outcome.error?.detail).toContain('no answer came from b:1')
      expect(calls.reports[1]).toEqual({ id: 'b', latencyMs: undefined, kind: 'timeout' })
    })

    test('that says nothing of a node to which no connection came', () => {
      calls.hanging.add('a:1')
      const { outcome } = call({ timeoutMs: 100 })
      calls.clock.advance(110)
      expect([outcome.error?.detail, calls.reports[0]?.kind]).toEqual([
        'greeter Greeter.Hello: no connection was there before the deadline',
        undefined,
      ])
    })

    test.each([
      ['timeoutMs', () => ({ timeoutMs: 0 })],
      ['context', () => ({ context: context({ deadline: calls.clock.now() - 1 }) })],
    ])('that has passed before it begins (%s): nothing is sent', (_, options) => {
      calls.clock.advance(50)
      expect(call(options()).outcome.error?.kind).toBe('timeout')
      expect(calls.requests).toEqual([])
    })

    test('the earlier one of its own and its context', () => {
      call({ context: context({ deadline: 40 }) })
      expect(request(0).message.headers['Timeout']).toBe('40000000')
      request(0).answer(1)
    })

    test('or none', () => {
      call({ timeoutMs: Infinity })
      expect(request(0).message.headers['Timeout']).toBeUndefined()
      request(0).answer(1)
    })
  })

  describe('can be cancelled', () => {
    test('by unsubscribing', () => {
      const { outcome, cancel } = call()
      cancel()
      expect([request(0).cancelled, outcome, calls.reports[0]?.kind]).toEqual([true, {}, undefined])
    })

    test('while it waits for another attempt', () => {
      const { cancel } = call({}, [], true)
      request(0).break(down, true)
      cancel()
      calls.clock.advance(1_000)
      expect(addresses()).toEqual(['a:1'])
    })

    test('by its signal and by that of its context; neither is listened to any longer', () => {
      for (const own of [true, false]) {
        const [signal, passed] = [new AbortController(), context({})]
        const { outcome } = call({ signal: signal.signal, context: passed })
        if (own) signal.abort('enough')
        else passed.abort(new ServiceError('cancelled', 'enough'))
        expect([outcome.error?.kind, calls.requests.at(-1)?.cancelled]).toEqual(['cancelled', true])
      }
    })

    test('before it begins: nothing is sent', () => {
      expect(call({ signal: AbortSignal.abort(), context: context({}) }).outcome.error?.kind).toBe(
        'cancelled',
      )
      expect(calls.requests).toEqual([])
    })

    test('by the end of the client, while it waits for another attempt', () => {
      const { outcome } = call({}, [], true)
      request(0).break(down, true)
      calls.close(new ServiceError('unavailable', 'service caller has been closed'))
      expect(outcome.error?.detail).toBe('service caller has been closed')
    })
  })

  test('fails with what a filter or a strategy throws', () => {
    calls.pickFailure = new Error('planted')
    expect(call().outcome.error?.detail).toBe('planted')
  })

  test('fails with what a filter throws at a later attempt', () => {
    const { outcome } = call()
    calls.pickFailure = new Error('planted')
    request(0).break(down, false)
    expect(outcome.error?.detail).toBe('planted')
  })

  test.each<[CallOptions, string]>([
    [{ timeoutMs: -1 }, "option 'timeoutMs' must be a number of milliseconds, at least 0, not -1"],
    [{ timeoutMs: NaN }, "option 'timeoutMs' must be"],
    [{ retries: 0.5 }, "option 'retries' must be a whole number, at least 0, not 0.5"],
    [{ timeout: 5 } as CallOptions, "unknown option 'timeout'; known are timeoutMs, retries"],
    [{ address: '' }, "option 'address' must be host:port"],
    [{ contentType: 'text/plain' }, 'Unsupported Content-Type: text/plain; known are application/json'],
    [{ metadata: { 'X Trace': '1' } }, "metadata 'X Trace' is no name of a header"],
    [{ metadata: { '': '1' } }, "metadata '' is no name of a header"],
    [
      { metadata: { 'X-Trace': 'a\r\nb' } },
      `metadata 'X-Trace' must be a text without control characters, not "a\\r\\nb"`,
    ],
    [{ metadata: { 'X-Trace': 1 } as never }, "metadata 'X-Trace' must be a text"],
    [{ metadata: { 'content-length': '0' } }, "metadata 'content-length' is a header of the protocol itself"],
    [{ metadata: { Timeout: '0' } }, "metadata 'Timeout' is a header of the protocol itself"],
  ])('with %j is refused: %s', (options, text) => {
    const { outcome } = call(options)
    expect([outcome.error?.kind, outcome.error?.detail]).toEqual([
      'bad_request',
      expect.stringContaining(text),
    ])
    expect(calls.requests).toEqual([])
  })
})

describe('middleware around a call', () => {
  const passing: Middleware = next => (requests, context) =>
    next(requests, withMetadata(context, { 'X-Added': '1' }))

  test('may add metadata', () => {
    const { outcome } = call({}, [passing])
    expect(request(0).message.headers['X-Added']).toBe('1')
    request(0).answer(1)
    expect(outcome.value).toBe(1)
  })

  const slow: Middleware = next => (requests, context) =>
    timer(60_000, calls.clock).pipe(mergeMap(() => next(requests, context)))

  test('is within the deadline, also before it gets to the call; its context hears of it', () => {
    let seen: Context | undefined
    const looking: Middleware = next => (requests, context) => {
      seen = context
      return next(requests, context)
    }
    const { outcome } = call({ timeoutMs: 100 }, [looking, slow])
    expect(seen?.signal.aborted).toBe(false)
    calls.clock.advance(110)
    expect([outcome.error?.kind, seen?.signal.aborted, calls.requests]).toEqual(['timeout', true, []])
  })

  test.each(['signal', 'unsubscribe'])('is cancelled by %s', how => {
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    const looking: Middleware = next => (requests, context) => {
      ;({ signal } = context)
      return next(requests, context)
    }
    const { outcome, cancel } = call({ signal: controller.signal }, [looking])
    if (how === 'signal') controller.abort()
    else cancel()
    expect([outcome.error?.kind, signal?.aborted, request(0).cancelled]).toEqual([
      how === 'signal' ? 'cancelled' : undefined,
      true,
      true,
    ])
  })

  test('that leaves the node without an answer in time is not what is blamed', () => {
    const { outcome } = call({ timeoutMs: 100 }, [passing])
    calls.clock.advance(110)
    expect([outcome.error?.detail, calls.reports[0]?.kind]).toEqual([
      expect.stringContaining('no answer came from a:1'),
      'timeout',
    ])
  })

  test.each<[string, Middleware, string]>([
    ['takes the request away', () => () => EMPTY, 'no answer came'],
    ['answers twice', () => () => of(1, 2) as never, 'more than one answer came'],
  ])('that %s fails the call', (_, middleware, text) => {
    expect(call({}, [middleware]).outcome.error?.detail).toBe(`Greeter.Hello: ${text}`)
  })

  test('may try again by itself; each of its attempts is a call within the same limits', () => {
    const again: Middleware = next => (requests, context) => next(requests, context).pipe(retry(1))
    const { outcome } = call({ retries: 0 }, [again])
    request(0).refuse(new ServiceError('conflict', 'not yet'))
    request(1).answer('x')
    expect(outcome.value).toBe('x')
  })
})

function context(init: { deadline?: number }): CallContext {
  return new CallContext({
    service: 'caller',
    endpoint: 'Caller.Do',
    side: 'server',
    peer: undefined,
    metadata: {},
    deadline: init.deadline,
  })
}
