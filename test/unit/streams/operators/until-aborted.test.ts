import { getEventListeners } from 'node:events'
import { NEVER, Observable, Subject, lastValueFrom, of } from 'rxjs'
import { expect, test } from 'vitest'
import { untilAborted } from 'headrace/streams'

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('an abort ends the stream with cancelled, the reason as its cause', () => {
  const controller = new AbortController()
  const source = new Subject<number>()
  const errors: unknown[] = []
  source.pipe(untilAborted(controller.signal)).subscribe({ error: error => errors.push(error) })
  const reason = new Error('the user left')
  controller.abort(reason)
  expect(errors).toMatchObject([
    { kind: 'cancelled', message: 'cancelled by its signal: the user left', cause: reason },
  ])
  expect([source.observed, listeners(controller.signal)]).toEqual([false, 0])
})

test('a reason that is no error is told too', async () => {
  const cancelled = lastValueFrom(NEVER.pipe(untilAborted(AbortSignal.abort('enough'))))
  await expect(cancelled).rejects.toMatchObject({
    kind: 'cancelled',
    cause: 'enough',
    message: 'cancelled by its signal: enough',
  })
})

test('a signal that is already aborted fails at once, without subscribing', () => {
  let subscribed = 0
  const errors: unknown[] = []
  new Observable(() => void (subscribed += 1))
    .pipe(untilAborted(AbortSignal.abort()))
    .subscribe({ error: error => errors.push(error) })
  expect([subscribed, errors]).toMatchObject([0, [{ kind: 'cancelled' }]])
})

test('no listener stays when the stream ends or is unsubscribed', async () => {
  const { signal } = new AbortController()
  expect(await lastValueFrom(of(1).pipe(untilAborted(signal)))).toBe(1)
  expect(listeners(signal)).toBe(0)
  const subscription = NEVER.pipe(untilAborted(signal)).subscribe()
  expect(listeners(signal)).toBe(1)
  subscription.unsubscribe()
  expect(listeners(signal)).toBe(0)
})

test('no signal changes nothing', () => {
  const source = of(1)
  expect(source.pipe(untilAborted(undefined))).toBe(source)
})
