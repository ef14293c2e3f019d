import type { Observable } from 'rxjs'
import type { Context } from './context.js'
import type { Flow } from './flow.js'

/** Anything that gives values one after another. Iterables are pulled as demand allows; an Observable pushes. */
export type Source<T> = Observable<T> | AsyncIterable<T> | Iterable<T>

/**
 * What a client calls and a server serves: a stream of requests in, a stream of answers out. A unary call has one of
 * each. The result is cold: the exchange starts when it is subscribed and is cancelled when it is unsubscribed.
 */
export type Exchange<I = unknown, O = unknown> = (requests: Flow<I>, context: Context) => Observable<O>

/**
 * Wraps an exchange: it sees every request, answer, error and end, of unary calls and streams alike. To change requests
 * use `mapFlow`, which keeps them pullable.
 */
export type Middleware = <I, O>(next: Exchange<I, O>) => Exchange<I, O>

/** One middleware of many: the first listed is the outermost. */
export function compose(middleware: readonly Middleware[]): Middleware {
  return next => middleware.reduceRight((inner, outer) => outer(inner), next)
}
