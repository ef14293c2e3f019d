import { timer, type Observable } from 'rxjs'
import { systemClock, type Clock } from '../clock.js'
import { given, milliseconds, resolveOptions } from '../options.js'

/** Options of {@link backoff}. */
export interface BackoffOptions {
  /** The longest delay before the first further attempt, in milliseconds; it doubles with each attempt. @default 50 */
  readonly baseMs?: number
  /** The longest delay there is, in milliseconds. @default 5000 */
  readonly maxMs?: number
  /** Where time and chance come from. @default the machine's */
  readonly clock?: Clock
}

/**
 * Delays for `retry({ delay: backoff() })`, with full jitter: random between 0 and min(`maxMs`, `baseMs` × 2ⁿ), so that
 * those who failed together do not come back together. What it returns is cold and emits once, after the delay;
 * unsubscribing stops its timer.
 */
export function backoff(options?: BackoffOptions): (error: unknown, attempt: number) => Observable<0> {
  const { clock, ...limits } = resolveOptions<Required<BackoffOptions>>('backoff', options, {
    baseMs: milliseconds(50),
    maxMs: milliseconds(5_000),
    clock: given(systemClock),
  })
  return (_, attempt) => timer(fullJitter(attempt, limits, clock.random), clock.scheduler)
}

/** The delay before further attempt number `attempt`, counted from 1, in milliseconds: random in [0, min(maxMs, baseMs × 2ⁿ⁻¹)). */
export function fullJitter(
  attempt: number,
  limits: { readonly baseMs: number; readonly maxMs: number },
  random: () => number,
): number {
  return random() * Math.min(limits.maxMs, limits.baseMs * 2 ** (attempt - 1))
}
