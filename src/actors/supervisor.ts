import { count, given, milliseconds, resolveOptions, type OptionRules } from '../streams/options.js'
import type { Clock } from '../streams/clock.js'
import type { ServiceError } from '../streams/errors.js'

/** What happens to an actor that has failed. There is no resume: after an exception the state is not to be trusted. */
export type Decision =
  /** It begins again from `start()`, after a delay. */
  | 'restart'
  /** It ends; its parent and siblings go on. */
  | 'stop'
  /** It ends and its parent fails with the same error; at the root, `onFailure` is called. */
  | 'escalate'

/** How failures of one actor are answered. Every field has a default. */
export interface Supervision {
  /** Chooses for one failure. Must not throw. @default every failure restarts */
  readonly decide?: (error: ServiceError) => Decision
  /** How many restarts are allowed within `periodMs`; the failure after them escalates. @default 5 */
  readonly maxRestarts?: number
  /** The span in which restarts are counted, in milliseconds. @default 30000 */
  readonly periodMs?: number
  /** The upper bound of the first delay, in milliseconds; it doubles with each restart of the period. @default 50 */
  readonly baseDelayMs?: number
  /** The upper bound of any delay, in milliseconds. @default 5000 */
  readonly maxDelayMs?: number
}

/** What to do about one failure; `delayMs` is how long a restart waits. */
export interface Verdict {
  readonly decision: Decision
  readonly delayMs: number
}

const rules: OptionRules<Required<Supervision>> = {
  decide: given<(error: ServiceError) => Decision>(() => 'restart'),
  maxRestarts: count(5, 0),
  periodMs: milliseconds(30_000),
  baseDelayMs: milliseconds(50),
  maxDelayMs: milliseconds(5_000),
}

/** Judges the failures of one actor one after another, and remembers its restarts. Throws `bad_request` for a wrong option. */
export function createSupervisor(
  clock: Clock,
  supervision: Supervision = {},
): (error: ServiceError) => Verdict {
  const { decide, maxRestarts, periodMs, baseDelayMs, maxDelayMs } = resolveOptions(
    'supervision',
    supervision as Required<Supervision>,
    rules,
  )
  let restarts: readonly number[] = []
  return error => {
    const decision = decide(error)
    if (decision !== 'restart') return { decision, delayMs: 0 }
    const now = clock.scheduler.now()
    restarts = restarts.filter(at => now - at < periodMs)
    if (restarts.length >= maxRestarts) return { decision: 'escalate', delayMs: 0 }
    const most = Math.min(maxDelayMs, baseDelayMs * 2 ** restarts.length)
    restarts = [...restarts, now]
    return { decision, delayMs: clock.random() * most }
  }
}
