import { interval, take, takeLast, type Observable } from 'rxjs'
import type { Clock } from '../../../streams/index.js'

const slices = 10

/**
 * The end of the time for answers: emits once and completes. Cold. The time is counted in ten slices, because timers come before
 * sockets in the event loop: a process that was busy for longer than the whole time would end it before it read one answer.
 */
export function answerTime(queryMs: number, { scheduler }: Clock): Observable<unknown> {
  return interval(queryMs / slices, scheduler).pipe(take(slices), takeLast(1))
}
