import { ReplaySubject, delay, firstValueFrom, from, map, merge, timer, type Observable } from 'rxjs'
import type { Clock } from '../streams/clock.js'

/** How long a stop may still take. It begins with all the time there is, and can be ended at any moment. */
export class Patience {
  private readonly over = new ReplaySubject<void>(1)
  private until = Infinity

  constructor(private readonly clock: Clock) {}

  /** From now on there are `ms` milliseconds. */
  limit(ms: number): void {
    this.until = this.clock.scheduler.now() + ms
  }

  /** From now on nothing is waited for. */
  end(): void {
    this.over.next()
  }

  /** Resolves after `ms`, or as soon as patience has ended. Leaves no timer behind. */
  async sleep(ms: number): Promise<void> {
    if (ms > 0) await firstValueFrom(merge(timer(ms, this.clock.scheduler), this.over))
  }

  /** True when `work` is done in time. Leaves no timer behind. */
  waitFor(work: Promise<unknown>): Promise<boolean> {
    const { scheduler } = this.clock
    // What is done already, or in this turn, counts also without any patience.
    const ended = this.over.pipe(delay(0, scheduler))
    const late = this.until === Infinity ? [] : [timer(Math.max(0, this.until - scheduler.now()), scheduler)]
    const done = from(work).pipe(map(() => true))
    return firstValueFrom(merge(done, merge(ended, ...late).pipe(map(() => false))))
  }
}

/** The first value of `work`. Rejects as soon as `stop` errors; then `work` is unsubscribed. */
export function unless<T>(stop: Observable<never>, work: Observable<T> | Promise<T>): Promise<T> {
  return firstValueFrom(merge(stop, from(work)))
}
