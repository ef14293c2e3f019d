import { Observable, takeUntil, type MonoTypeOperatorFunction } from 'rxjs'
import { ServiceError } from '../errors.js'

/**
 * Ends a stream with `cancelled` when `signal` is aborted, its reason as the cause; the source is unsubscribed. `undefined` is no signal.
 *
 * Cold. Emits and ends as its source does until then; when the signal is already aborted it errors at once, before it
 * subscribes to the source. However it ends, no listener stays at the signal. A slow consumer is not slowed: values pass through.
 */
export function untilAborted<T>(signal: AbortSignal | undefined): MonoTypeOperatorFunction<T> {
  if (signal === undefined) return source => source
  return source => source.pipe(takeUntil(aborted(signal)))
}

function aborted(signal: AbortSignal): Observable<never> {
  return new Observable(subscriber => {
    const fail = () =>
      subscriber.error(
        new ServiceError('cancelled', `cancelled by its signal: ${textOf(signal.reason)}`, {
          cause: signal.reason,
        }),
      )
    if (signal.aborted) return fail()
    signal.addEventListener('abort', fail)
    return () => signal.removeEventListener('abort', fail)
  })
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
