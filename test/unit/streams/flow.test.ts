import { concatMap, defer, from, lastValueFrom, map, share, skip, take, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import {
  ServiceError,
  createDelivery,
  createFlow,
  deliveriesOf,
  emitDelivery,
  holdEmitted,
  mapFlow,
} from 'headrace/streams'
import { Deliverer } from '../../support/deliverer.js'
import { settle } from '../../support/virtual-clock.js'

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const values: T[] = []
  for await (const value of source) values.push(value)
  return values
}

describe('a subscribed Flow', () => {
  test('acks each value when next has returned', () => {
    const source = new Deliverer(['a', 'b'], 1)
    const ackedWithin: number[] = []
    createFlow(source.deliveries).subscribe(() => ackedWithin.push(source.acked.length))
    expect(ackedWithin).toEqual([0, 1])
    expect(source.acked).toEqual(['a', 'b'])
  })

  test('is cold: each subscription opens a stream of its own', () => {
    const source = new Deliverer([], 1, true)
    let opened = 0
    const flow = createFlow(
      defer(() => {
        opened += 1
        return source.deliveries
      }),
    )
    expect(opened).toBe(0)
    flow.subscribe().unsubscribe()
    flow.subscribe().unsubscribe()
    expect([opened, source.subscribers]).toEqual([2, 0])
  })

  test('stops a source that emits synchronously as soon as it is unsubscribed', async () => {
    const source = new Deliverer([1, 2, 3, 4, 5])
    const taken = createFlow(source.deliveries).pipe(take(2), toArray())
    expect(await lastValueFrom(taken)).toEqual([1, 2])
    expect(source.given).toEqual([1, 2])
    expect(source.acked).toEqual([1, 2])
  })

  test('passes on the end and the error of the stream', async () => {
    const error = new ServiceError('unavailable', 'connection lost')
    const source = new Deliverer<number>([], 1, true)
    const failed = lastValueFrom(createFlow(source.deliveries))
    source.fail(error)
    await expect(failed).rejects.toBe(error)
    expect(await lastValueFrom(createFlow(new Deliverer([1]).deliveries))).toBe(1)
  })

  test('is taken by its push side by from, and pipes to a plain Observable', () => {
    const flow = createFlow(new Deliverer([1]).deliveries)
    expect(from(flow)).toBe(flow)
    expect(Symbol.asyncIterator in flow.pipe(map(value => value))).toBe(false)
    expect(deliveriesOf(flow.pipe(map(value => value)))).toBe(undefined)
    expect(deliveriesOf(flow)).toBeDefined()
  })
})

describe('an iterated Flow', () => {
  test('is pulled: a value is acked when the next one is asked for', async () => {
    const source = new Deliverer([1, 2, 3], 1)
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: 1 })
    await settle()
    expect([source.given, source.acked]).toEqual([[1], []])
    expect(await iterator.next()).toEqual({ done: false, value: 2 })
    expect([source.given, source.acked]).toEqual([[1, 2], [1]])
    expect((await iterator.next()).value).toBe(3)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(source.acked).toEqual([1, 2, 3])
  })

  test('is subscribed by the first next, and not before', async () => {
    const source = new Deliverer([1])
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    expect(source.given).toEqual([])
    await iterator.next()
    expect(source.given).toEqual([1])
  })

  test('keeps the order and loses nothing when far more is asked for or given at once', async () => {
    const values = Array.from({ length: 3000 }, (_, at) => at)
    expect(await collect(createFlow(new Deliverer(values).deliveries))).toEqual(values)
    const iterator = createFlow(new Deliverer([1, 2]).deliveries)[Symbol.asyncIterator]()
    const asked = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
    expect(asked.map(({ value }) => value)).toEqual([1, 2, undefined])
  })

  test('cancels on break: the last value is acked, what waits is not', async () => {
    const source = new Deliverer([1, 2, 3, 4], 3, true)
    for await (const value of createFlow(source.deliveries)) if (value === 2) break
    expect(source.subscribers).toBe(0)
    expect([source.acked, source.nacked]).toEqual([[1, 2], []])
  })

  test('gives nothing more after it was returned, whatever waited', async () => {
    const source = new Deliverer([1, 2, 3], 3, true)
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(source.acked).toEqual([1])
  })

  test('ends a next that is pending when it is returned', async () => {
    const source = new Deliverer<number>([], 1, true)
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    const pending = iterator.next()
    await iterator.return?.()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(source.subscribers).toBe(0)
  })

  test('that is returned before it began opens nothing', async () => {
    const source = new Deliverer([1])
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    await iterator.return?.()
    expect((await iterator.next()).done).toBe(true)
    expect(source.given).toEqual([])
  })

  test('gives what waits before the error, and the error once', async () => {
    const source = new Deliverer([1, 2], 2, true)
    const iterator = createFlow(source.deliveries)[Symbol.asyncIterator]()
    await iterator.next()
    source.fail(new ServiceError('unavailable', 'connection lost'))
    expect((await iterator.next()).value).toBe(2)
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'unavailable' })
    expect((await iterator.next()).done).toBe(true)
  })
})

describe('a single-use Flow', () => {
  const refusal = 'the requests of a call are read once; use share() for several readers'
  const singleUse = () => createFlow(new Deliverer([1, 2]).deliveries, { singleUse: refusal })

  test('refuses a second subscriber and says share()', async () => {
    const flow = singleUse()
    expect(await lastValueFrom(flow.pipe(toArray()))).toEqual([1, 2])
    await expect(lastValueFrom(flow)).rejects.toMatchObject({ kind: 'bad_request', message: refusal })
  })

  test('refuses a second iterator, and an iterator after a subscriber', async () => {
    const flow = singleUse()
    expect(await collect(flow)).toEqual([1, 2])
    await expect(collect(flow)).rejects.toThrow('share()')
    await expect(lastValueFrom(flow)).rejects.toThrow('share()')
  })

  test('serves several readers behind share()', async () => {
    const source = new Deliverer<number>([], 9, true)
    const shared = createFlow(source.deliveries, { singleUse: refusal }).pipe(share())
    const readers = [lastValueFrom(shared.pipe(toArray())), lastValueFrom(shared.pipe(skip(1), toArray()))]
    source.push(1, 2)
    source.end()
    expect(await Promise.all(readers)).toEqual([[1, 2], [2]])
    expect(source.acked).toEqual([1, 2])
  })
})

describe('mapFlow', () => {
  test('changes the values and keeps the Flow pullable', async () => {
    const source = new Deliverer([1, 2], 1)
    const iterator = mapFlow(createFlow(source.deliveries), value => `n${value}`)[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toBe('n1')
    expect(source.acked).toEqual([])
    expect((await iterator.next()).value).toBe('n2')
    expect(source.acked).toEqual([1])
    await iterator.return?.()
  })

  test('nacks the value that it cannot change and ends with that error', async () => {
    const source = new Deliverer([1, 2], 1, true)
    const failure = new Error('odd')
    const flow = mapFlow(createFlow(source.deliveries), () => {
      throw failure
    })
    await expect(lastValueFrom(flow)).rejects.toBe(failure)
    expect(source.nacked).toMatchObject([{ value: 1, error: { kind: 'internal', cause: failure } }])
    expect(source.subscribers).toBe(0)
  })

  test('refuses an Observable that is no Flow', () => {
    const flow = createFlow(new Deliverer([1]).deliveries)
    const iterable = Object.assign(flow.pipe(), { [Symbol.asyncIterator]: flow[Symbol.asyncIterator] })
    expect(mapFlow(iterable, value => value)).toBeDefined()
    const plain = Object.assign(flow.pipe(map(value => value)), {
      [Symbol.asyncIterator]: flow[Symbol.asyncIterator],
    })
    expect(() => mapFlow(plain, value => value)).toThrow(/use map\(\)/)
  })
})

describe('holdEmitted', () => {
  test('is undefined when nothing is being emitted, as behind an asynchronous operator', async () => {
    expect(holdEmitted()).toBe(undefined)
    const source = new Deliverer([1])
    const found = createFlow(source.deliveries).pipe(
      concatMap(value => Promise.resolve(value)),
      map(() => holdEmitted()),
    )
    expect(await lastValueFrom(found)).toBe(undefined)
    expect(source.acked).toEqual([1])
  })

  test('keeps a delivery unanswered until every holder let go; the first failure nacks it', () => {
    const source = new Deliverer(['a', 'b'], 2, true)
    const holds: (((error?: ServiceError) => void) | undefined)[] = []
    createFlow(source.deliveries).subscribe(() => void holds.push(holdEmitted(), holdEmitted()))
    const error = new ServiceError('internal', 'no disk')
    holds[0]?.()
    holds[0]?.()
    expect(source.acked).toEqual([])
    holds[1]?.()
    expect(source.acked).toEqual(['a'])
    holds[2]?.(error)
    holds[3]?.()
    expect(source.nacked).toEqual([{ value: 'b', error }])
  })

  test('finds the inner emission while one Flow emits within another', () => {
    const outer = new Deliverer(['outer'], 1, true)
    const inner = new Deliverer(['inner'], 1, true)
    const releases: (((error?: ServiceError) => void) | undefined)[] = []
    createFlow(outer.deliveries).subscribe(() => {
      createFlow(inner.deliveries).subscribe(() => releases.push(holdEmitted()))
      releases.push(holdEmitted())
    })
    releases[0]?.()
    expect([inner.acked, outer.acked]).toEqual([['inner'], []])
    releases[1]?.()
    expect(outer.acked).toEqual(['outer'])
  })
})

test('emitDelivery nacks a delivery whose next throws, and lets the exception pass', () => {
  const answers: (ServiceError | undefined)[] = []
  const failure = new Error('broken')
  const emit = () =>
    emitDelivery(
      createDelivery(1, error => answers.push(error)),
      () => {
        throw failure
      },
    )
  expect(emit).toThrow(failure)
  expect(answers).toMatchObject([{ kind: 'internal', cause: failure }])
  expect(holdEmitted()).toBe(undefined)
})
