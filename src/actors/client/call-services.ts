import type { Observable } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import type { Formats } from '../../streams/codec.js'
import type { Selector } from '../../streams/selector.js'
import type { ConnectionPool } from '../connection-pool.js'
import type { Deadlines } from '../deadlines.js'

/** The parts of the runtime that a call works with. */
export interface CallServices {
  readonly selector: Selector
  readonly pool: ConnectionPool
  readonly formats: Formats
  readonly clock: Clock
  /** The next number for a `Micro-Id`. */
  readonly nextId: () => number
  readonly deadlines: Deadlines
  /** How long to wait, in milliseconds, before the repetition with this number (from 0). */
  readonly backoff: (repetition: number) => number
  /** Emits nothing. Replays: errors when the client closes, which ends what waits for its next attempt. */
  readonly closing: Observable<never>
}
