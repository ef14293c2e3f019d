import { Observable, from, isObservable, of } from 'rxjs'
import { ServiceError } from './errors.js'
import type { Source } from './exchange.js'
import { subscribeFor } from './linked.js'

/**
 * What a unary handler returned, as an Observable of exactly one value. A value, arrays and strings included, and what
 * a Promise resolves to is that one. Cold; emits the value when the result has completed. Errors `internal` when an
 * Observable completes without a value or emits a second one, else as the result does. Unsubscribing unsubscribes from
 * an Observable. `owner` says in errors whose result it is.
 */
export function toObservable<O>(
  result: O | PromiseLike<O> | Observable<O>,
  owner = 'the handler',
): Observable<O> {
  if (isObservable(result)) return exactlyOne(result, owner)
  return isPromiseLike(result) ? from(result) : of(result)
}

/**
 * What a streaming handler returned, checked: an Observable, an async iterable or an iterable. Throws `internal` for
 * anything else; a string is no stream, and neither is a Promise. `owner` says in the error whose result it is.
 */
export function toSource<O>(result: unknown, owner = 'the handler'): Source<O> {
  if (isSource<O>(result)) return result
  const found = isPromiseLike(result)
    ? 'a Promise: make it an async generator, or use from()'
    : nameOf(result)
  throw new ServiceError(
    'internal',
    `${owner} must return an Observable, an async iterable or an iterable, not ${found}`,
  )
}

/** Whether a value has a `then`. So has a Reply: ask first whether it is an Observable. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

function isSource<O>(value: unknown): value is Source<O> {
  if (typeof value !== 'object' || value === null) return false
  return isObservable(value) || Symbol.asyncIterator in value || Symbol.iterator in value
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object') return typeof value
  return value === null ? 'null' : 'a plain object'
}

function exactlyOne<O>(result: Observable<O>, owner: string): Observable<O> {
  return new Observable(subscriber => {
    let answer: { readonly value: O } | undefined
    subscribeFor(subscriber, result, {
      next: value => {
        if (answer !== undefined) subscriber.error(notOne(owner, 'emitted a second value'))
        else answer = { value }
      },
      error: error => subscriber.error(error),
      complete: () => {
        if (answer === undefined) return subscriber.error(notOne(owner, 'completed without a value'))
        subscriber.next(answer.value)
        subscriber.complete()
      },
    })
  })
}

function notOne(owner: string, what: string): ServiceError {
  return new ServiceError(
    'internal',
    `the Observable that ${owner} returned ${what}: a unary result is exactly one value`,
  )
}
