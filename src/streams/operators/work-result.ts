import { isObservable, of, type Observable } from 'rxjs'
import { paced } from './paced.js'

/** What work may return: one result, a promise of one, or a stream of them. Arrays and strings are one result. */
export type WorkResult<R> =
  R | PromiseLike<R> | Observable<R> | AsyncIterable<R> | Generator<R, unknown, undefined>

/** The stream that work returned, or `undefined` when it returned one result or a promise. */
export function streamOf<R>(result: WorkResult<R>): Observable<R> | undefined {
  if (isObservable(result)) return result
  // `paced` and not `from`: unsubscribing has to close the iterator while a step of it is pending.
  return isSteps<R>(result) ? paced(result, of(Infinity)) : undefined
}

// A generator is told from an array or a map, which are values, by being an iterator itself.
function isSteps<R>(result: unknown): result is AsyncIterable<R> | Iterable<R> {
  if (typeof result !== 'object' || result === null) return false
  if (Symbol.asyncIterator in result) return true
  return Symbol.iterator in result && 'next' in result
}
