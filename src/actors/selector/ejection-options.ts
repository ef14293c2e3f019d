import { count, flag, milliseconds, resolveOptions } from '../../streams/options.js'
import type { OptionRule } from '../../streams/options.js'

/** When a node that fails is not chosen any more, and how it comes back. Never so that nothing is left: when all nodes are out, all are candidates. */
export interface EjectionOptions {
  /** Failures in a row after which a node is out; those further apart than `maxMs` are not in a row. @default 3 */
  readonly failures?: number
  /** The same for failures of the kind `unavailable`: nobody was there, or the connection broke. @default 1 */
  readonly unavailableFailures?: number
  /** How long a node is out the first time, in milliseconds; it doubles each time its trial fails. @default 1000 */
  readonly baseMs?: number
  /** The longest that a node is out at a time, in milliseconds. @default 30000 */
  readonly maxMs?: number
  /** The share of that time which chance takes off, from 0 to 1, so that clients do not all try at the same moment. @default 0.5 */
  readonly jitter?: number
  /**
   * True: a node comes back for one use at a time, until one succeeds; false: it comes back as if it had never failed, and each failure
   * that is reported while it is out starts its time again. @default true
   */
  readonly probation?: boolean
}

/** The options with every default filled in. Throws `bad_request` for a wrong one. */
export function resolveEjection(options: EjectionOptions | undefined): Required<EjectionOptions> {
  return resolveOptions<Required<EjectionOptions>>('ejection', options, {
    failures: count(3),
    unavailableFailures: count(1),
    baseMs: milliseconds(1_000, 1),
    maxMs: milliseconds(30_000, 1),
    jitter: share(0.5),
    probation: flag(true),
  })
}

function share(fallback: number): OptionRule<number> {
  const fits = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1
  return { fallback, check: value => (fits(value) ? undefined : 'a number from 0 to 1') }
}
