import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concatMap,
  defer,
  delay,
  filter,
  from,
  lastValueFrom,
  map,
  mergeMap,
  of,
  range,
  scan,
  share,
  switchMap,
  take,
  tap,
  throwError,
  toArray,
  type OperatorFunction,
} from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ServiceError, createFlow, work } from 'headrace/streams'
import { Deliverer } from '../../../support/deliverer.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

/** Work whose results the test gives, by the value it is for. */
function bench<T>() {
  const open = new Map<T, Subject<unknown>>()
  const started: T[] = []
  const fn = (value: T) =>
    defer(() => {
      const results = new Subject<unknown>()
      started.push(value)
      open.set(value, results)
      return results
    })
  const finish = (value: T, ...results: unknown[]) => {
    const job = open.get(value)
    for (const result of results) job?.next(result)
    job?.complete()
  }
  return { fn, started, finish, open }
}

const all = <T, R>(source: Observable<T>, operator: OperatorFunction<T, R>): Promise<R[]> =>
  lastValueFrom(source.pipe(operator, toArray()))

describe('what work may return', () => {
  test.each<[string, () => unknown, unknown[]]>([
    ['a value', () => 7, [7]],
    ['an array, which is one value', () => [1, 2], [[1, 2]]],
    ['a text, which is one value', () => 'ab', ['ab']],
    ['bytes, which are one value', () => Uint8Array.of(1, 2), [Uint8Array.of(1, 2)]],
    ['undefined', () => undefined, [undefined]],
    ['null', () => null, [null]],
    ['a promise', async () => 7, [7]],
    ['an Observable', () => of(1, 2), [1, 2]],
    ['an empty Observable', () => EMPTY, []],
    ['a Flow, which is subscribed', () => createFlow(new Deliverer([1, 2]).deliveries), [1, 2]],
    [
      'an async generator',
      async function* () {
        yield 1
        yield 2
      },
      [1, 2],
    ],
    [
      'a generator',
      function* () {
        yield 1
        yield 2
      },
      [1, 2],
    ],
  ])('%s', async (_, fn, results) => {
    expect(await all(of(0), work(fn))).toEqual(results)
  })

  test('the function gets the index of the value', async () => {
    expect(
      await all(
        of('a', 'b'),
        work((value, index) => `${value}${index}`),
      ),
    ).toEqual(['a0', 'b1'])
  })
})

describe('order and concurrency', () => {
  test('one at a time keeps the order of the values', () => {
    const { fn, started, finish } = bench<number>()
    const results: unknown[] = []
    createFlow(new Deliverer([1, 2, 3]).deliveries)
      .pipe(work(fn))
      .subscribe(result => results.push(result))
    expect(started).toEqual([1])
    finish(1, 'a', 'b')
    expect(started).toEqual([1, 2])
    finish(2)
    finish(3, 'c')
    expect(results).toEqual(['a', 'b', 'c'])
  })

  test('several at a time emit as results come, and the next value is asked for when one is done', () => {
    const { fn, started, finish } = bench<number>()
    const source = new Deliverer([1, 2, 3, 4], 2)
    const results: unknown[] = []
    createFlow(source.deliveries)
      .pipe(work(fn, 2))
      .subscribe({ next: result => results.push(result), complete: () => results.push('complete') })
    expect([started, source.given]).toEqual([
      [1, 2],
      [1, 2],
    ])
    finish(2, 'two')
    expect([started, source.given, source.acked]).toEqual([[1, 2, 3], [1, 2, 3], [2]])
    finish(1, 'one')
    finish(4, 'four')
    finish(3, 'three')
    expect(results).toEqual(['two', 'one', 'four', 'three', 'complete'])
    expect(source.acked).toEqual([2, 1, 4, 3])
  })

  test('Infinity is a concurrency: the window is the limit', () => {
    const { fn, started } = bench<number>()
    createFlow(new Deliverer([1, 2, 3, 4], 3).deliveries)
      .pipe(work(fn, Infinity))
      .subscribe()
    expect(started).toEqual([1, 2, 3])
  })

  test.each([0, -1, 1.5, NaN])('a concurrency of %d is a bad request', concurrency => {
    expect(() => work(() => 1, concurrency)).toThrow(/concurrency/)
  })

  test('an unknown option is a bad request', () => {
    expect(() => work(() => 1, 1, { onFailed: () => undefined } as object)).toThrow(/onFailure/)
  })

  test('values that are done at once do not grow the stack', async () => {
    const flow = createFlow(
      new Deliverer(
        Array.from({ length: 20_000 }, (_, at) => at),
        1,
      ).deliveries,
    )
    const sum = flow.pipe(
      work(value => of(value)),
      scan(count => count + 1, 0),
    )
    expect(await lastValueFrom(sum)).toBe(20_000)
    expect(await lastValueFrom(range(0, 200_000).pipe(work(value => value, 3)))).toBe(199_999)
  })
})

describe('answers', () => {
  test.each<[string, OperatorFunction<number, number>]>([
    ['directly on a Flow', tap()],
    ['behind map', map(value => value)],
    ['behind filter', filter(value => value > 0)],
    ['behind tap', tap(() => undefined)],
    ['behind scan', scan((_, value) => value)],
  ])('%s a delivery is held until its work is done', (_, operator) => {
    const { fn, finish } = bench<number>()
    const source = new Deliverer([1, 2, 3], 2)
    createFlow(source.deliveries).pipe(operator, work(fn)).subscribe()
    expect([source.given, source.acked]).toEqual([[1, 2], []])
    finish(1, 'a', 'b')
    expect([source.given, source.acked]).toEqual([[1, 2, 3], [1]])
  })

  test('a value that is filtered out is acked at once', () => {
    const source = new Deliverer([1, 2, 3], 1, true)
    createFlow(source.deliveries)
      .pipe(
        filter(value => value === 3),
        work(() => NEVER),
      )
      .subscribe()
    expect(source.acked).toEqual([1, 2])
  })

  test('work that fails nacks its delivery, leaves the others unanswered and ends the stream with its error', () => {
    const source = new Deliverer([1, 2, 3], 3, true)
    const failure = new Error('disk full')
    const errors: unknown[] = []
    createFlow(source.deliveries)
      .pipe(work(value => (value === 2 ? throwError(() => failure) : NEVER), 2))
      .subscribe({ error: error => errors.push(error) })
    expect(errors).toEqual([failure])
    expect(source.nacked).toMatchObject([{ value: 2, error: { kind: 'internal', cause: failure } }])
    expect([source.acked, source.subscribers]).toEqual([[], 0])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new ServiceError('conflict', 'taken')
      },
    ],
    ['rejects', () => Promise.reject(new ServiceError('conflict', 'taken'))],
    ['errors', () => throwError(() => new ServiceError('conflict', 'taken'))],
    [
      'throws in a generator',
      async function* () {
        yield 1
        throw new ServiceError('conflict', 'taken')
      },
    ],
  ])('work that %s fails', async (_, fn) => {
    const source = new Deliverer([1])
    await expect(all(createFlow(source.deliveries), work(fn))).rejects.toMatchObject({ kind: 'conflict' })
    expect(source.nacked).toMatchObject([{ value: 1, error: { kind: 'conflict' } }])
  })

  test('with onFailure the failure is told, the delivery nacked, and the stream goes on', async () => {
    const source = new Deliverer([1, 2, 3], 1)
    const told: unknown[] = []
    const results = await all(
      createFlow(source.deliveries),
      work(value => (value === 2 ? Promise.reject(new Error('no')) : value), 1, {
        onFailure: (error, value) => told.push([error.kind, error.message, value]),
      }),
    )
    expect(results).toEqual([1, 3])
    expect(told).toEqual([['internal', 'no', 2]])
    expect([source.acked, source.nacked.map(({ value }) => value)]).toEqual([[1, 3], [2]])
  })

  test('an onFailure that throws ends the stream', async () => {
    const onFailure = () => {
      throw new Error('give up')
    }
    const failing = work(() => Promise.reject(new Error('no')), 1, { onFailure })
    await expect(all(of(1), failing)).rejects.toThrow('give up')
  })

  test('two works in a row hold a delivery until both are done', () => {
    const first = bench<number>()
    const second = bench<unknown>()
    const source = new Deliverer([1, 2, 3], 2)
    createFlow(source.deliveries).pipe(work(first.fn), work(second.fn)).subscribe()
    first.finish(1, 'a')
    expect([first.started, second.started, source.acked]).toEqual([[1, 2], ['a'], []])
    first.finish(2, 'b')
    expect(source.given).toEqual([1, 2])
    second.finish('a')
    expect([source.given, source.acked]).toEqual([[1, 2, 3], [1]])
  })

  test('two holders behind share() must both be done', () => {
    const left = bench<number>()
    const right = bench<number>()
    const source = new Deliverer<number>([], 1, true)
    const shared = createFlow(source.deliveries).pipe(share())
    shared.pipe(work(left.fn)).subscribe()
    shared.pipe(work(right.fn)).subscribe()
    source.push(1, 2)
    left.finish(1)
    expect(source.acked).toEqual([])
    right.finish(1)
    expect([source.acked, source.given]).toEqual([[1], [1, 2]])
  })
})

describe('the end', () => {
  test('comes when the source has completed and all work is done', () => {
    const { fn, finish } = bench<number>()
    const events: string[] = []
    of(1, 2)
      .pipe(work(fn, 2))
      .subscribe({ complete: () => events.push('complete') })
    finish(1)
    expect(events).toEqual([])
    finish(2)
    expect(events).toEqual(['complete'])
  })

  test('comes at once when the source fails: running work is cancelled and stays unanswered', () => {
    const { fn, open } = bench<number>()
    const source = new Deliverer([1, 2], 2, true)
    const errors: unknown[] = []
    createFlow(source.deliveries)
      .pipe(work(fn))
      .subscribe({ error: error => errors.push(error) })
    const error = new ServiceError('unavailable', 'connection lost')
    source.fail(error)
    expect([errors, open.get(1)?.observed]).toEqual([[error], false])
    expect([source.acked, source.nacked]).toEqual([[], []])
  })

  test('a source that fails behind share() leaves what is cancelled unanswered too', () => {
    const source = new Deliverer<number>([], 2, true)
    const shared = createFlow(source.deliveries).pipe(share())
    shared.pipe(work(() => NEVER)).subscribe({ error: () => undefined })
    source.push(1)
    source.fail(new ServiceError('unavailable', 'connection lost'))
    expect([source.acked, source.nacked]).toEqual([[], []])
  })

  test('unsubscribing cancels what runs and neither acks nor nacks it', async () => {
    const source = new Deliverer([1, 2, 3, 4], 3, true)
    const returned: number[] = []
    const log: string[] = []
    const subscription = createFlow(source.deliveries)
      .pipe(
        work(value => {
          if (value === 1) return new Observable<number>(() => () => log.push('unsubscribed'))
          return (async function* () {
            try {
              await new Promise(() => undefined)
              yield value
            } finally {
              returned.push(value)
            }
          })()
        }, 2),
      )
      .subscribe()
    subscription.unsubscribe()
    await settle()
    expect([log, source.subscribers]).toEqual([['unsubscribed'], 0])
    expect([source.acked, source.nacked]).toEqual([[], []])
  })

  test('a promise that settles after unsubscribing changes nothing', async () => {
    const source = new Deliverer([1, 2], 2, true)
    const gates: ((result: number) => void)[] = []
    const results: number[] = []
    const subscription = createFlow(source.deliveries)
      .pipe(work(() => new Promise<number>(resolve => gates.push(resolve))))
      .subscribe(result => results.push(result))
    subscription.unsubscribe()
    gates[0]?.(1)
    await settle()
    expect([results, source.acked, gates.length]).toEqual([[], [], 1])
  })

  test('taking enough results cancels the rest', async () => {
    const source = new Deliverer([1, 2, 3], 3, true)
    const taken = createFlow(source.deliveries).pipe(
      work(value => value * 2),
      take(2),
      toArray(),
    )
    expect(await lastValueFrom(taken)).toEqual([2, 4])
    expect([source.given, source.subscribers]).toEqual([[1, 2], 0])
  })

  test('a reader behind share() that leaves in the middle does not stall the others', () => {
    const left = bench<number>()
    const right = bench<number>()
    const source = new Deliverer<number>([], 1, true)
    const shared = createFlow(source.deliveries).pipe(share())
    const leaving = shared.pipe(work(left.fn)).subscribe()
    shared.pipe(work(right.fn)).subscribe()
    source.push(1, 2)
    right.finish(1)
    expect(source.acked).toEqual([])
    leaving.unsubscribe()
    expect([source.acked, source.given]).toEqual([[1], [1, 2]])
  })

  test('work that switchMap replaced is acked, because its stream goes on', () => {
    const source = new Deliverer([1, 2, 3], 2, true)
    const subscription = createFlow(source.deliveries)
      .pipe(switchMap(value => of(value).pipe(work(() => NEVER))))
      .subscribe()
    expect([source.given, source.acked]).toEqual([
      [1, 2, 3],
      [1, 2],
    ])
    subscription.unsubscribe()
    expect([source.acked, source.nacked]).toEqual([[1, 2], []])
  })
})

describe('the limit of what waits', () => {
  const resourceExhausted = {
    kind: 'resource_exhausted',
    message: expect.stringContaining('put work() before'),
  }

  test('behind an asynchronous operator 256 values wait, and one more is an error that says where to put work', () => {
    const clock = new VirtualClock()
    const source = new Deliverer(
      Array.from({ length: 300 }, (_, at) => at),
      1024,
      true,
    )
    const errors: unknown[] = []
    createFlow(source.deliveries)
      .pipe(
        delay(1, clock),
        work(() => NEVER),
      )
      .subscribe({ error: error => errors.push(error) })
    clock.advance(1)
    expect(errors).toMatchObject([resourceExhausted])
    expect([source.subscribers, clock.pending]).toEqual([0, 0])
  })

  test('257 values, one of them at work, are not too many', () => {
    const clock = new VirtualClock()
    const { fn, started, finish } = bench<number>()
    range(0, 257).pipe(delay(1, clock), work(fn)).subscribe()
    clock.advance(1)
    for (let at = 0; at < 257; at += 1) finish(at)
    expect(started).toHaveLength(257)
  })

  test('many values out of one delivery count: only one of them has the place of the delivery', () => {
    const source = new Deliverer([1], 1, true)
    const errors: unknown[] = []
    createFlow(source.deliveries)
      .pipe(
        mergeMap(() => range(0, 400)),
        work(() => NEVER),
      )
      .subscribe({ error: error => errors.push(error) })
    expect(errors).toMatchObject([resourceExhausted])
    expect(source.nacked).toMatchObject([{ value: 1, error: { kind: 'resource_exhausted' } }])
  })

  test('a whole window behind synchronous operators is no queue of its own', () => {
    const source = new Deliverer(Array.from({ length: 2000 }, (_, at) => at))
    const { fn, finish } = bench<number>()
    let done = 0
    createFlow(source.deliveries)
      .pipe(
        map(value => value),
        work(fn),
      )
      .subscribe({ complete: () => (done += 1) })
    expect(source.given).toHaveLength(1024)
    for (let at = 0; at < 2000; at += 1) finish(at)
    expect([done, source.acked.length, source.mostUnanswered]).toEqual([1, 2000, 1024])
  })

  test('what the function starts on the side does not hold the delivery', () => {
    const source = new Deliverer([1])
    const fn = (value: number) => {
      of(value)
        .pipe(work(() => NEVER))
        .subscribe()
      return value
    }
    createFlow(source.deliveries).pipe(work(fn)).subscribe()
    expect(source.acked).toEqual([1])
  })

  test('what the function itself subscribes to is not taken for part of the stream', async () => {
    const source = new Deliverer([1], 1, true)
    const errors: unknown[] = []
    createFlow(source.deliveries)
      .pipe(work(() => range(0, 400).pipe(work(() => NEVER))))
      .subscribe({ error: error => errors.push(error) })
    expect(errors).toMatchObject([resourceExhausted])
  })

  test('an asynchronous concatMap has no delivery to hold', async () => {
    const source = new Deliverer([1, 2])
    const results = createFlow(source.deliveries).pipe(
      concatMap(value => from(Promise.resolve(value))),
      work(async value => value * 2),
      toArray(),
    )
    expect(await lastValueFrom(results)).toEqual([2, 4])
    expect(source.acked).toEqual([1, 2])
  })
})
