import { tap, throwError } from 'rxjs'
import { ServiceError, withMetadata, type Middleware } from 'headrace'

// #region logging
/** Writes one line for each call, stream or event that ends: on which side, of what, and how. */
export function logging(print: (line: string) => void): Middleware {
  return next => (requests, context) => {
    const log = (outcome: string) => print(`${context.side} ${context.endpoint}: ${outcome}`)
    return next(requests, context).pipe(
      tap({
        complete: () => log('ok'),
        error: error => log(ServiceError.from(error).kind),
        unsubscribe: () => log('cancelled'),
      }),
    )
  }
}
// #endregion logging

/** Sends a token along with each call: it goes as a header. */
export function sendToken(token: string): Middleware {
  return next => (requests, context) =>
    next(requests, withMetadata(context, { Authorization: `Bearer ${token}` }))
}

/** Lets nobody in without that token: the handler is not called. */
export function requireToken(token: string): Middleware {
  return next => (requests, context) => {
    if (context.metadata['Authorization'] === `Bearer ${token}`) return next(requests, context)
    return throwError(
      () => new ServiceError('unauthorized', `${context.endpoint}: the token is missing or wrong`),
    )
  }
}
