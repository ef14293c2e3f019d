import { Observable, takeUntil, type MonoTypeOperatorFunction } from 'rxjs'
import type { Clock } from '../clock.js'
import { ServiceError } from '../errors.js'

/** The longest delay that a timer of the platform keeps; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Ends a stream with `timeout` at a point in time, in milliseconds of `clock`, unless it has ended before. `what` says in the error what was
 * too late. `undefined` is no deadline.
 *
 * Cold. Emits and ends as its source does until then; when the time has already come it errors at once, before it subscribes to the
 * source. Unsubscribing stops the timer. A slow consumer is not slowed: values pass through.
 */
export function deadline<T>(
  atMs: number | undefined,
  clock: Clock,
  what = 'the operation',
): MonoTypeOperatorFunction<T> {
  if (atMs === undefined || atMs === Infinity) return source => source
  return source => source.pipe(takeUntil(timeoutAt(atMs, clock, what)))
}

// `takeUntil` subscribes to its notifier first, passes on its error and completes only when it emits.
function timeoutAt(atMs: number, { scheduler }: Clock, what: string): Observable<never> {
  return new Observable(subscriber => {
    const allowedMs = atMs - scheduler.now()
    const fail = () =>
      subscriber.error(new ServiceError('timeout', `${what} was not done ${allowed(allowedMs)}`))
    if (allowedMs <= 0) return fail()
    return scheduler.schedule(
      function () {
        const leftMs = atMs - scheduler.now()
        if (leftMs <= 0) fail()
        else this.schedule(undefined, Math.min(leftMs, longestTimerMs))
      },
      Math.min(allowedMs, longestTimerMs),
    )
  })
}

function allowed(ms: number): string {
  return ms > 0 ? `within ${ms} ms` : `before its deadline, which had passed ${-ms} ms before it began`
}
