import { first, interval, take, type Observable } from 'rxjs'
import type { Clock } from '../../../streams/index.js'

const slices = 10

/**
 * The end of the time for answers: emits once and completes. Cold. The time is counted in ten slices, because timers come before
 * sockets in the event loop: a process that was busy for longer than the whole time would end it before it read one answer.
 * `settled` is asked at the end of each slice, and ends the time when it says true.
 */
export function answerTime(
  queryMs: number,
  { scheduler }: Clock,
  settled: () => boolean = () => false,
): Observable<unknown> {
  return interval(queryMs / slices, scheduler).pipe(
    take(slices),
    first(slice => slice === slices - 1 || settled()),
  )
}
