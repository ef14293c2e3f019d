import { Subject, lastValueFrom, map, of, range, throwError, toArray, concat } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { bounded, deliveriesOf, paced, work, type OverflowRule } from 'headrace/streams'

/** Pulls one value while `given` arrive, then all the rest: what the rule left over. */
async function leftOver(rule: OverflowRule, given: readonly number[]): Promise<number[]> {
  const source = new Subject<number>()
  const iterator = bounded<number>(2, rule)(source)[Symbol.asyncIterator]()
  const first = iterator.next()
  for (const value of given) source.next(value)
  source.complete()
  const values: number[] = []
  for (let step = await first; step.done !== true; step = await iterator.next()) values.push(step.value)
  return values
}

describe('bounded', () => {
  test('drop-oldest keeps the newest values', async () => {
    expect(await leftOver('drop-oldest', [1, 2, 3, 4, 5])).toEqual([1, 4, 5])
  })

  test('drop-newest keeps the oldest values', async () => {
    expect(await leftOver('drop-newest', [1, 2, 3, 4, 5])).toEqual([1, 2, 3])
  })

  test('fail errors resource_exhausted at the value that has no place', async () => {
    await expect(leftOver('fail', [1, 2, 3, 4])).rejects.toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('2 values wait'),
    })
    expect(await leftOver('fail', [1, 2, 3])).toEqual([1, 2, 3])
  })

  test('is a Flow behind pipe too, so paced pulls it instead of being flooded', () => {
    const flow = range(0, 100_000).pipe(bounded(3, 'drop-oldest'))
    expect(deliveriesOf(flow)).toBeDefined()
    const demand = new Subject<number>()
    const seen: number[] = []
    paced(flow, demand).subscribe(value => seen.push(value))
    demand.next(2)
    expect(seen).toEqual([0, 1])
    demand.next(100)
    expect(seen).toEqual([0, 1, 99_997, 99_998, 99_999])
  })

  test('drops nothing in front of a consumer that does not hold back', async () => {
    expect(await lastValueFrom(range(0, 1000).pipe(bounded(1, 'drop-newest'), toArray()))).toHaveLength(1000)
  })

  test('hands out as many as its window, so work keeps all its places busy', () => {
    const source = new Subject<number>()
    const started: number[] = []
    const open = new Subject<void>()
    const fn = (value: number) => {
      started.push(value)
      return open
    }
    source
      .pipe(
        bounded(2, 'drop-oldest', 2),
        map(value => value),
        work(fn, 2),
      )
      .subscribe()
    for (const value of [1, 2, 3, 4, 5]) source.next(value)
    expect(started).toEqual([1, 2])
    open.complete()
    expect(started).toEqual([1, 2, 4, 5])
  })

  test('hands out a long queue to a consumer that is done at once without growing the stack', () => {
    const gate = new Subject<number>()
    let done = 0
    range(0, 50_000)
      .pipe(
        bounded(50_000),
        work(value => (value === 0 ? gate : of(value))),
      )
      .subscribe({ complete: () => (done += 1) })
    gate.complete()
    expect(done).toBe(1)
  })

  test('completes and fails behind what waits', async () => {
    const failure = new Error('lost')
    const iterator = bounded<number>(5)(
      concat(
        of(1, 2),
        throwError(() => failure),
      ),
    )[Symbol.asyncIterator]()
    expect((await iterator.next()).value).toBe(1)
    expect((await iterator.next()).value).toBe(2)
    await expect(iterator.next()).rejects.toBe(failure)
  })

  test('subscribes when it is subscribed, and unsubscribes with its consumer', async () => {
    const source = new Subject<number>()
    const flow = bounded<number>(2)(source)
    expect(source.observed).toBe(false)
    const iterator = flow[Symbol.asyncIterator]()
    const pending = iterator.next()
    expect(source.observed).toBe(true)
    source.next(1)
    await pending
    await iterator.return?.()
    expect(source.observed).toBe(false)
  })

  test('gives each consumer a queue of its own', async () => {
    const source = new Subject<number>()
    const flow = bounded<number>(1, 'drop-oldest')(source)
    const slow = flow[Symbol.asyncIterator]()
    const first = slow.next()
    const eager: number[] = []
    flow.subscribe(value => eager.push(value))
    for (const value of [1, 2, 3]) source.next(value)
    expect(eager).toEqual([1, 2, 3])
    expect([(await first).value, (await slow.next()).value]).toEqual([1, 3])
  })

  test.each([
    [0, 'fail', 1, /max/],
    [1.5, 'fail', 1, /max/],
    [1, 'block', 1, /rule/],
    [1, 'fail', 0, /window/],
  ] as [number, OverflowRule, number, RegExp][])('refuses %s, %s, %s', (max, rule, window, text) => {
    expect(() => bounded(max, rule, window)).toThrow(text)
  })
})
