import { defer, retry, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import { backoff, fullJitter } from 'headrace/streams'
import { VirtualClock } from '../../../support/virtual-clock.js'

test('the delay is random between 0 and the doubled base, and never more than the most', () => {
  const limits = { baseMs: 50, maxMs: 5_000 }
  const longest = [1, 2, 3, 7, 8, 5000].map(attempt => fullJitter(attempt, limits, () => 1))
  expect(longest).toEqual([50, 100, 200, 3_200, 5_000, 5_000])
  expect(fullJitter(3, limits, () => 0)).toBe(0)
  expect(fullJitter(3, limits, () => 0.25)).toBe(50)
})

test('retry with it waits longer after each failure', () => {
  const clock = new VirtualClock([0.5])
  const attempts: number[] = []
  const failing = defer(() => {
    attempts.push(clock.now())
    return throwError(() => new Error('down'))
  })
  const errors: unknown[] = []
  failing
    .pipe(retry({ count: 4, delay: backoff({ baseMs: 100, maxMs: 300, clock }) }))
    .subscribe({ error: error => errors.push(error) })
  clock.advance(10_000)
  expect(attempts).toEqual([0, 50, 150, 300, 450])
  expect(errors).toHaveLength(1)
})

test('unsubscribing during a delay leaves no timer', () => {
  const clock = new VirtualClock()
  const failing = throwError(() => new Error('down'))
  const subscription = failing.pipe(retry({ delay: backoff({ clock }) })).subscribe()
  expect(clock.pending).toBe(1)
  subscription.unsubscribe()
  expect(clock.pending).toBe(0)
})

test('options that do not fit are refused by name', () => {
  expect(() => backoff({ baseMs: -1 })).toThrow(/baseMs/)
  expect(() => backoff({ maxMs: Infinity })).toThrow(/maxMs/)
  expect(() => backoff({ min: 1 } as object)).toThrow(/unknown option 'min'/)
})
