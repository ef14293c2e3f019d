import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  lastValueFrom,
  of,
  range,
  take,
  throwError,
  toArray,
} from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ServiceError, createFlow, paced, type PacedOptions, type Source } from 'headrace/streams'
import { Deliverer } from '../../../support/deliverer.js'
import { settle } from '../../../support/virtual-clock.js'

/** Subscribes to `paced` and records what it emits. */
function follow<T>(source: Source<T>, options?: PacedOptions<T>) {
  const demand = new Subject<number>()
  const log: unknown[] = []
  const subscription = paced(source, demand, options).subscribe({
    next: value => log.push(value),
    error: error => log.push(error),
    complete: () => log.push('complete'),
  })
  return { demand, log, subscription }
}

const endless = concat(of(2_000_000), NEVER)

function counting(closed: string[] = []) {
  let steps = 0
  const generator = function* () {
    try {
      for (;;) yield ++steps
    } finally {
      closed.push('closed')
    }
  }
  return { source: generator(), closed, steps: () => steps }
}

describe('an iterable', () => {
  test('is pulled only as demand allows', () => {
    const { source, steps } = counting()
    const { demand, log } = follow(source)
    expect(steps()).toBe(0)
    demand.next(0)
    demand.next(2)
    expect([steps(), log]).toEqual([2, [1, 2]])
    demand.next(1)
    expect([steps(), log]).toEqual([3, [1, 2, 3]])
  })

  test('completes with the step after its last value', () => {
    const { demand, log } = follow(['a', 'b'])
    demand.next(2)
    expect(log).toEqual(['a', 'b'])
    demand.next(1)
    expect(log).toEqual(['a', 'b', 'complete'])
    expect(demand.observed).toBe(false)
  })

  test('is closed when the result is unsubscribed, and not opened for it', () => {
    const { source, closed } = counting()
    const { demand, subscription } = follow(source)
    demand.next(1)
    subscription.unsubscribe()
    expect([closed, demand.observed]).toEqual([['closed'], false])
    let opened = 0
    const untouched = { [Symbol.iterator]: () => ((opened += 1), [1][Symbol.iterator]()) }
    follow(untouched).subscription.unsubscribe()
    expect(opened).toBe(0)
  })

  test('is closed when its own step ends the subscription', () => {
    const stop = new Subject<void>()
    const closed: string[] = []
    const source = (function* () {
      try {
        yield 1
        stop.next()
        yield 2
      } finally {
        closed.push('closed')
      }
    })()
    const late: unknown[] = []
    const { demand, log, subscription } = follow(source, { onLateError: error => late.push(error) })
    stop.subscribe(() => subscription.unsubscribe())
    demand.next(5)
    expect([log, closed, late]).toEqual([[1], ['closed'], []])
  })

  test('that throws ends the result with its error and is not closed again', () => {
    const failure = new Error('no rows')
    let returns = 0
    const source = {
      [Symbol.iterator]: () => ({
        next: (): IteratorResult<number> => {
          throw failure
        },
        return: (): IteratorResult<number> => ((returns += 1), { done: true, value: undefined }),
      }),
    }
    const { demand, log } = follow(source)
    demand.next(1)
    expect([log, returns, demand.observed]).toEqual([[failure], 0, false])
  })

  test('gives a million values at once without growing the stack, and demand granted meanwhile counts', async () => {
    const values = Array.from({ length: 1_000_000 }, (_, at) => at)
    expect(await lastValueFrom(paced(values, endless))).toBe(999_999)
    const demand = new Subject<number>()
    let seen = 0
    paced(values, demand).subscribe(() => {
      seen += 1
      demand.next(1)
    })
    demand.next(1)
    expect(seen).toBe(1_000_000)
  })
})

describe('an async iterable', () => {
  test('is pulled a step at a time as demand allows', async () => {
    let asked = 0
    const source = (async function* () {
      for (;;) yield ++asked
    })()
    const { demand, log } = follow(source)
    await settle()
    expect(asked).toBe(0)
    demand.next(2)
    await settle()
    expect([asked, log]).toEqual([2, [1, 2]])
  })

  test('is returned also while a step is pending', async () => {
    let returns = 0
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>(() => undefined),
        return: async (): Promise<IteratorResult<number>> => (
          (returns += 1),
          { done: true, value: undefined }
        ),
      }),
    }
    const { demand, subscription } = follow(source)
    demand.next(1)
    expect(returns).toBe(0)
    subscription.unsubscribe()
    expect(returns).toBe(1)
  })

  test('that rejects ends the result with its error', async () => {
    const failure = new ServiceError('conflict', 'changed meanwhile')
    const source = (async function* () {
      yield 1
      throw failure
    })()
    const { demand, log } = follow(source)
    demand.next(5)
    await settle()
    expect(log).toEqual([1, failure])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('cannot close')
      },
    ],
    ['rejects', () => Promise.reject(new Error('cannot close'))],
  ])('whose return %s after the end tells onLateError', async (_, close) => {
    const late: string[] = []
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>(() => undefined),
        return: close as () => Promise<IteratorResult<number>>,
      }),
    }
    const { demand, subscription } = follow(source, { onLateError: error => late.push(error.message) })
    demand.next(1)
    subscription.unsubscribe()
    await settle()
    expect(late).toEqual(['cannot close'])
  })

  test('emits nothing after it is unsubscribed', async () => {
    const gates: ((step: IteratorResult<number>) => void)[] = []
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<number>>(resolve => gates.push(resolve)),
      }),
    }
    const { demand, log, subscription } = follow(source)
    demand.next(3)
    subscription.unsubscribe()
    gates[0]?.({ done: false, value: 1 })
    await settle()
    expect([log, gates.length]).toEqual([[], 1])
  })
})

describe('a Flow', () => {
  test('is pulled: a delivery is acked when the next one may be sent', async () => {
    const source = new Deliverer(['a', 'b', 'c'], 1)
    const { demand, log, subscription } = follow(createFlow(source.deliveries))
    demand.next(1)
    await settle()
    expect([log, source.given, source.acked]).toEqual([['a'], ['a'], []])
    demand.next(1)
    await settle()
    expect([log, source.acked]).toEqual([['a', 'b'], ['a']])
    subscription.unsubscribe()
    expect(source.subscribers).toBe(0)
  })
})

describe('an Observable', () => {
  test('is subscribed at once, and what it emits early waits for demand', () => {
    const source = new Subject<string>()
    const { demand, log } = follow(source)
    source.next('a')
    source.next('b')
    expect(log).toEqual([])
    demand.next(1)
    expect(log).toEqual(['a'])
    demand.next(2)
    source.next('c')
    source.next('d')
    expect(log).toEqual(['a', 'b', 'c'])
  })

  test('completes and fails behind what waits', () => {
    const ended = follow(of('a'))
    expect(ended.log).toEqual([])
    ended.demand.next(1)
    expect(ended.log).toEqual(['a', 'complete'])
    const failure = new Error('lost')
    const failed = follow(
      concat(
        of('a'),
        throwError(() => failure),
      ),
    )
    failed.demand.next(1)
    expect(failed.log).toEqual(['a', failure])
  })

  test('that is empty completes without demand', () => {
    expect(follow(EMPTY).log).toEqual(['complete'])
  })

  test('fails at its limit of values, and the text says what to do instead', () => {
    const source = new Subject<number>()
    const { demand, log } = follow(source, { maxCount: 2 })
    for (const value of [1, 2, 3]) source.next(value)
    expect(log).toMatchObject([
      {
        kind: 'resource_exhausted',
        message: expect.stringMatching(/return an iterable.*bounded\(n, 'drop-oldest'\)/),
      },
    ])
    expect([source.observed, demand.observed]).toEqual([false, false])
  })

  test('waits with 1,024 values by default and not with one more', async () => {
    const { demand, log } = follow(range(0, 1024))
    demand.next(1024)
    expect(log).toHaveLength(1025)
    expect(follow(range(0, 1025)).log).toMatchObject([{ kind: 'resource_exhausted' }])
  })

  test('fails at its limit of bytes; a single value may be larger', () => {
    const source = new Subject<string>()
    const { demand, log } = follow(source, { maxBytes: 4, sizeOf: text => text.length })
    source.next('12345678')
    demand.next(1)
    source.next('12')
    source.next('34')
    expect(log).toEqual(['12345678'])
    source.next('5')
    expect(log).toMatchObject([
      '12345678',
      { kind: 'resource_exhausted', message: expect.stringContaining('4 bytes') },
    ])
  })

  test('tells when more than half of a limit waits, and when it is less again', () => {
    const pressure: boolean[] = []
    const source = new Subject<number>()
    const { demand } = follow(source, { maxCount: 4, onPressure: overHalf => pressure.push(overHalf) })
    for (const value of [1, 2]) source.next(value)
    expect(pressure).toEqual([])
    source.next(3)
    source.next(4)
    expect(pressure).toEqual([true])
    demand.next(2)
    expect(pressure).toEqual([true, false])
    const byBytes: boolean[] = []
    const texts = new Subject<string>()
    const options = { maxBytes: 4, sizeOf: (text: string) => text.length }
    follow(texts, { ...options, onPressure: overHalf => byBytes.push(overHalf) })
    texts.next('123')
    expect(byBytes).toEqual([true])
  })

  test('is unsubscribed with the result, also while it emits synchronously', async () => {
    const emitted: number[] = []
    const source = new Observable<number>(subscriber => {
      for (let at = 0; at < 10 && !subscriber.closed; at += 1) {
        emitted.push(at)
        subscriber.next(at)
      }
    })
    expect(await lastValueFrom(paced(source, endless).pipe(take(2), toArray()))).toEqual([0, 1])
    expect(emitted).toEqual([0, 1])
  })

  test('keeps the order when it emits while a value is being emitted', () => {
    const source = new Subject<number>()
    const demand = new Subject<number>()
    const seen: number[] = []
    paced(source, demand).subscribe(value => {
      if (value < 3) source.next(value + 1)
      seen.push(value)
    })
    demand.next(9)
    source.next(1)
    expect(seen).toEqual([1, 2, 3])
  })
})

describe('demand', () => {
  test('that has completed and is used up completes the result and closes the source', () => {
    const { source, closed } = counting()
    const { demand, log } = follow(source)
    demand.next(2)
    demand.complete()
    expect([log, closed]).toEqual([[1, 2, 'complete'], ['closed']])
    const pushing = new Subject<number>()
    const pushed = follow(pushing)
    pushed.demand.next(1)
    pushed.demand.complete()
    expect(pushed.log).toEqual([])
    pushing.next(1)
    expect([pushed.log, pushing.observed]).toEqual([[1, 'complete'], false])
  })

  test('that ends before it allowed anything leaves the source untouched', async () => {
    let subscribed = 0
    const source = new Observable<number>(() => void (subscribed += 1))
    expect(await lastValueFrom(paced(source, EMPTY).pipe(toArray()))).toEqual([])
    expect(subscribed).toBe(0)
  })

  test('that fails fails the result', () => {
    const { source, closed } = counting()
    const { demand, log } = follow(source)
    demand.next(1)
    const failure = new Error('lost')
    demand.error(failure)
    expect([log, closed]).toEqual([[1, failure], ['closed']])
  })
})

describe('what is refused', () => {
  test.each<[unknown, RegExp]>([
    [5, /not number/],
    ['text', /not string/],
    [Promise.resolve([1]), /Promise/],
    [undefined, /not undefined/],
  ])('the source %j', (source, text) => {
    expect(() => paced(source as Source<number>, NEVER)).toThrow(text)
  })

  test('an unknown option, and a limit that is none', () => {
    expect(() => paced([1], NEVER, { max: 1 } as object)).toThrow(/unknown option 'max'/)
    expect(() => paced([1], NEVER, { maxCount: 0 })).toThrow(/maxCount/)
  })
})

test('a source that ends when it is told that the pressure is over does not overtake what waits', () => {
  const source = new Subject<number>()
  const demand = new Subject<number>()
  const seen: (number | string)[] = []
  const onPressure = (overHalf: boolean) => {
    if (!overHalf) source.complete()
  }
  paced(source, demand, { maxCount: 4, onPressure }).subscribe({
    next: value => seen.push(value),
    complete: () => seen.push('end'),
  })
  for (const value of [1, 2, 3]) source.next(value)
  demand.next(3)
  expect(seen).toEqual([1, 2, 3, 'end'])
})

describe('a Flow', () => {
  const flowOf = (window = 1024) => {
    const deliverer = new Deliverer([1, 2, 3, 4], window)
    return { deliverer, ...follow(createFlow(deliverer.deliveries)) }
  }

  test('is opened by the first permission, and a value is answered when the next is permitted', () => {
    const { deliverer, demand, log } = flowOf(2)
    demand.next(0)
    expect(deliverer.subscribers).toBe(0)
    demand.next(2)
    expect([log, deliverer.acked, deliverer.unanswered]).toEqual([[1, 2], [1], 2])
    demand.next(1)
    expect([log, deliverer.acked]).toEqual([
      [1, 2, 3],
      [1, 2],
    ])
    demand.next(2)
    expect([log, deliverer.acked]).toEqual([
      [1, 2, 3, 4, 'complete'],
      [1, 2, 3, 4],
    ])
    expect([deliverer.mostUnanswered, demand.observed]).toEqual([2, false])
  })

  test('that is left answers what has gone out, and nothing that waits', () => {
    const { deliverer, demand, log, subscription } = flowOf()
    demand.next(2)
    subscription.unsubscribe()
    expect([log, deliverer.acked, deliverer.unanswered]).toEqual([[1, 2], [1, 2], 2])
    expect([deliverer.subscribers, demand.observed]).toEqual([0, false])
  })

  test('tells its error behind what waits, when one more is permitted', () => {
    const deliverer = new Deliverer([1, 2, 3, 4], 1024, true)
    const { demand, log } = follow(createFlow(deliverer.deliveries))
    demand.next(1)
    deliverer.fail('lost')
    demand.next(3)
    expect(log).toEqual([1, 2, 3, 4])
    demand.next(1)
    expect(log).toEqual([1, 2, 3, 4, 'lost'])
  })

  test('gives what its consumer asks for within a value without growing the stack', () => {
    const demand = new Subject<number>()
    const deliverer = new Deliverer(Array.from({ length: 100_000 }, (_, at) => at))
    let seen = 0
    paced(createFlow(deliverer.deliveries), demand).subscribe(() => {
      seen += 1
      demand.next(1)
    })
    demand.next(1)
    expect([seen, deliverer.acked.length]).toEqual([100_000, 100_000])
  })
})
