import { delay, lastValueFrom, map, take, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { eager, work } from 'headrace/streams'
import { Deliverer } from '../../../support/deliverer.js'
import { VirtualClock } from '../../../support/virtual-clock.js'

test('a delivery is acked as soon as next has returned', () => {
  const source = new Deliverer(['a', 'b'], 1)
  const ackedWithin: number[] = []
  source.deliveries.pipe(eager()).subscribe(() => ackedWithin.push(source.acked.length))
  expect(ackedWithin).toEqual([0, 1])
  expect(source.acked).toEqual(['a', 'b'])
})

test('an asynchronous operator behind it does not hold the deliveries', () => {
  const clock = new VirtualClock()
  const source = new Deliverer([1, 2, 3], 1)
  const seen: number[] = []
  source.deliveries.pipe(eager(), delay(10, clock)).subscribe(value => seen.push(value))
  expect([source.acked, seen]).toEqual([[1, 2, 3], []])
  clock.advance(10)
  expect(seen).toEqual([1, 2, 3])
})

test('work behind it holds a delivery all the same', async () => {
  const source = new Deliverer([1, 2], 1)
  const results = source.deliveries.pipe(
    eager(),
    map(value => value * 2),
    work(async value => value),
    toArray(),
  )
  const done = lastValueFrom(results)
  expect([source.given, source.acked]).toEqual([[1], []])
  expect(await done).toEqual([2, 4])
})

test('unsubscribing stops a source that emits synchronously', async () => {
  const source = new Deliverer([1, 2, 3])
  await lastValueFrom(source.deliveries.pipe(eager(), take(1)))
  expect([source.given, source.subscribers]).toEqual([[1], 0])
})
