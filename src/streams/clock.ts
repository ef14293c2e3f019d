import { asyncScheduler, type SchedulerLike } from 'rxjs'

/** Where time and chance come from. Both are options of everything that uses them, so a test can replace them. */
export interface Clock {
  /** Gives the time (`now()`, in milliseconds) and runs what is due later. Default: RxJS's `asyncScheduler`. */
  readonly scheduler: SchedulerLike
  /** A number in [0, 1). Default: `Math.random`. */
  readonly random: () => number
}

/** The clock of the machine. */
export const systemClock: Clock = { scheduler: asyncScheduler, random: Math.random }
