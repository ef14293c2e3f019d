import { NEVER, Observable, Subject, lastValueFrom, of } from 'rxjs'
import { expect, test } from 'vitest'
import { deadline } from 'headrace/streams'
import { VirtualClock } from '../../../support/virtual-clock.js'

function follow(atMs: number | undefined, clock: VirtualClock, source: Observable<unknown> = NEVER) {
  const errors: unknown[] = []
  const subscription = source
    .pipe(deadline(atMs, clock, 'greeter Greeter.Hello'))
    .subscribe({ error: e => errors.push(e) })
  return { errors, subscription }
}

test('ends with timeout at the point in time, and says how long was allowed', () => {
  const clock = new VirtualClock()
  clock.advance(1_000)
  const source = new Subject<number>()
  const { errors } = follow(1_250, clock, source)
  clock.advance(249)
  expect(errors).toEqual([])
  clock.advance(1)
  expect(errors).toMatchObject([
    { kind: 'timeout', message: 'greeter Greeter.Hello was not done within 250 ms' },
  ])
  expect([source.observed, clock.pending]).toEqual([false, 0])
})

test('a deadline that has passed fails at once, without subscribing', () => {
  const clock = new VirtualClock()
  clock.advance(1_000)
  let subscribed = 0
  const { errors } = follow(900, clock, new Observable(() => void (subscribed += 1)))
  expect(errors).toMatchObject([{ kind: 'timeout', message: expect.stringContaining('100 ms before') }])
  expect([subscribed, clock.pending]).toEqual([0, 0])
})

test('a stream that ends in time leaves no timer', async () => {
  const clock = new VirtualClock()
  expect(await lastValueFrom(of(1).pipe(deadline(10, clock)))).toBe(1)
  expect(clock.pending).toBe(0)
})

test('unsubscribing stops the timer', () => {
  const clock = new VirtualClock()
  const { subscription } = follow(10, clock)
  expect(clock.pending).toBe(1)
  subscription.unsubscribe()
  expect(clock.pending).toBe(0)
})

test('no deadline, and one at Infinity, change nothing', () => {
  const clock = new VirtualClock()
  const source = of(1)
  expect(source.pipe(deadline(undefined, clock))).toBe(source)
  expect(source.pipe(deadline(Infinity, clock))).toBe(source)
})

test('a deadline further away than a timer of the platform reaches is kept', () => {
  const clock = new VirtualClock()
  const days = 24 * 3_600_000
  const { errors } = follow(60 * days, clock)
  clock.advance(59 * days)
  expect(errors).toEqual([])
  clock.advance(days)
  expect(errors).toMatchObject([{ kind: 'timeout' }])
})
