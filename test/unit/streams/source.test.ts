import { EMPTY, NEVER, Subject, lastValueFrom, of, throwError, toArray, type Observable } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ServiceError, createFlow, createReply, toObservable, toSource } from 'headrace/streams'
import { Deliverer } from '../../support/deliverer.js'

const all = <T>(source: Observable<T>) => lastValueFrom(source.pipe(toArray()))

describe('toObservable', () => {
  const reply = createReply<number>(observer => {
    observer.answer(7)
    return () => undefined
  })
  test.each<[string, unknown, unknown]>([
    ['a value', 7, 7],
    ['undefined', undefined, undefined],
    ['an array, which is one value', [1, 2], [1, 2]],
    ['a text, which is one value', 'ab', 'ab'],
    ['a promise', Promise.resolve(7), 7],
    ['an Observable of one value', of(7), 7],
    ['a Reply', reply, 7],
  ])('gives %s once', async (_, result, value) => {
    expect(await all(toObservable(result))).toEqual([value])
  })

  test('an Observable without a value is an internal error that says so', async () => {
    await expect(all(toObservable(EMPTY, 'Greeter.Hello'))).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(/Greeter\.Hello returned completed without a value/),
    })
  })

  test('a second value is an internal error that says so, and ends the Observable', async () => {
    const source = new Subject<number>()
    const seen: unknown[] = []
    toObservable(source).subscribe({ next: value => seen.push(value), error: error => seen.push(error) })
    source.next(1)
    source.next(2)
    expect(seen).toMatchObject([{ kind: 'internal', message: expect.stringContaining('a second value') }])
    expect(source.observed).toBe(false)
  })

  test('passes on the error of the result', async () => {
    const error = new ServiceError('not_found', 'nobody')
    await expect(all(toObservable(throwError(() => error)))).rejects.toBe(error)
    await expect(all(toObservable(Promise.reject(error)))).rejects.toBe(error)
  })

  test('unsubscribing unsubscribes from an Observable', () => {
    const source = new Subject<number>()
    toObservable(source).subscribe().unsubscribe()
    expect(source.observed).toBe(false)
  })
})

describe('toSource', () => {
  test.each<[string, unknown]>([
    ['an Observable', NEVER],
    ['a Flow', createFlow(new Deliverer([1]).deliveries)],
    ['an array', [1]],
    ['a set', new Set([1])],
    ['a generator', (function* () {})()],
    ['an async generator', (async function* () {})()],
  ])('takes %s as it is', (_, result) => {
    expect(toSource(result)).toBe(result)
  })

  test.each<[string, unknown, RegExp]>([
    ['undefined', undefined, /must return .* not undefined/],
    ['null', null, /not null/],
    ['a number', 5, /not number/],
    ['a text', 'rows', /not string/],
    ['a plain object', { rows: [] }, /not a plain object/],
    ['a promise', Promise.resolve([]), /a Promise: make it an async generator/],
  ])('refuses %s with an internal error', (_, result, text) => {
    expect(() => toSource(result, 'Greeter.List')).toThrow(text)
    expect(() => toSource(result, 'Greeter.List')).toThrow(/^Greeter\.List/)
  })
})
