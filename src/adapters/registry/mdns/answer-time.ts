import { first, interval, take, type Observable } from 'rxjs'
import type { Clock } from '../../../streams/index.js'

const slices = 10

/** How the time for answers may end before or after its usual end. */
export interface AnswerTimeOptions {
  /** Asked at the end of each slice; says true to end the time. `over`: the usual time has passed. @default when it has */
  readonly settled?: (over: boolean) => boolean
  /** When the time ends in any case, in milliseconds. @default the usual time */
  readonly longestMs?: number
}

/**
 * The end of the time for answers: emits once and completes. Cold. The time is counted in ten slices, because timers come before
 * sockets in the event loop: a process that was busy for longer than the whole time would end it before it read one answer.
 */
export function answerTime(
  queryMs: number,
  { scheduler }: Clock,
  { settled = over => over, longestMs = queryMs }: AnswerTimeOptions = {},
): Observable<unknown> {
  const last = Math.ceil(Math.max(1, longestMs / queryMs) * slices) - 1
  return interval(queryMs / slices, scheduler).pipe(
    take(last + 1),
    first(slice => slice === last || settled(slice >= slices - 1)),
  )
}
