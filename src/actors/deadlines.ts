import { Subscription } from 'rxjs'
import type { Clock } from '../streams/clock.js'
import { milliseconds, resolveOptions } from '../streams/options.js'
import type { Cancel } from '../streams/transport.js'
import { LinkedQueue } from '../streams/linked-queue.js'
import { TickQueue } from './tick-queue.js'

/** Points in time at which something expires unless it is cancelled before: one timer for all of them. */
export interface Deadlines {
  /**
   * Calls `expire` once when the clock has reached `atMs`: never before, and at most one tick after it was due; never synchronously, also where `atMs` is past.
   * `expire` must not throw. The returned function takes it out. Both take constant time.
   */
  add(atMs: number, expire: () => void): Cancel
  /** How many wait. At 0 the timer that was set last may still run, once and for nothing: until then what is added sets none. */
  readonly size: number
  /** Forgets all that wait; what is added later is forgotten at once. */
  close(): void
}

/** Options of {@link createDeadlines}. */
export interface DeadlinesOptions {
  /** How coarse time is, in milliseconds: what is due within one tick expires together. @default 10 */
  readonly tickMs?: number
}

/** Timers take at most this delay; a later one is waited for in parts. */
const longestDelayMs = 2 ** 31 - 1

/** Deadlines on a clock. Throws `bad_request` for a wrong option. */
export function createDeadlines(clock: Clock, options?: DeadlinesOptions): Deadlines {
  const rules = { tickMs: milliseconds(10, 1) }
  return new Wheel(clock, resolveOptions('deadlines', options as Required<DeadlinesOptions>, rules).tickMs)
}

class Wheel implements Deadlines {
  private readonly buckets = new Map<number, LinkedQueue<() => void>>()
  /** The ticks of the buckets, and of some that have emptied since. */
  private readonly order = new TickQueue()
  private due: LinkedQueue<() => void>[] = []
  /** The bucket that was added to last. It stays when it empties: one call after another would make and drop one each. */
  private latest: LinkedQueue<() => void> | undefined
  private latestTick = -1
  private timer = Subscription.EMPTY
  private timerTick = Infinity
  private closed = false
  size = 0

  constructor(
    private readonly clock: Clock,
    private readonly tickMs: number,
  ) {}

  add(atMs: number, expire: () => void): Cancel {
    if (this.closed) return () => undefined
    const tick = Math.ceil(atMs / this.tickMs)
    const bucket = (tick === this.latestTick ? this.latest : undefined) ?? this.bucketOf(tick)
    const place = bucket.push(expire)
    this.size += 1
    if (tick < this.timerTick) this.arm(tick)
    return () => {
      if (!bucket.remove(place)) return
      this.size -= 1
      if (bucket !== this.latest) this.dropEmpty(tick, bucket)
      // The timer stays: one call after another would set and stop one each, which costs more than all else here.
    }
  }

  close(): void {
    this.closed = true
    for (const bucket of [...this.due, ...this.buckets.values()]) bucket.clear()
    this.buckets.clear()
    this.size = 0
    this.timer.unsubscribe()
  }

  private bucketOf(tick: number): LinkedQueue<() => void> {
    const { latest } = this
    if (latest !== undefined) this.dropEmpty(this.latestTick, latest)
    this.latestTick = tick
    this.latest = this.buckets.get(tick) ?? this.addBucket(tick)
    return this.latest
  }

  /** While a bucket expires it is out of the table already, and another may have its place. */
  private dropEmpty(tick: number, bucket: LinkedQueue<() => void>): void {
    if (bucket.size === 0 && this.buckets.get(tick) === bucket) this.buckets.delete(tick)
  }

  private addBucket(tick: number): LinkedQueue<() => void> {
    const bucket = new LinkedQueue<() => void>()
    this.buckets.set(tick, bucket)
    this.order.push(tick)
    if (this.order.size > 2 * this.buckets.size + 64) this.order.prune(known => this.buckets.has(known))
    return bucket
  }

  private arm(tick: number): void {
    const delay = Math.max(0, tick * this.tickMs - this.clock.scheduler.now())
    this.timer.unsubscribe()
    this.timerTick = tick
    this.timer = this.clock.scheduler.schedule(() => this.expire(), Math.min(delay, longestDelayMs))
  }

  private expire(): void {
    const due = this.takeDue(this.clock.scheduler.now())
    this.timerTick = Infinity
    for (const bucket of due) {
      for (let expire = bucket.shift(); expire !== undefined; expire = bucket.shift()) {
        this.size -= 1
        expire()
      }
    }
    const next = this.order.least
    if (next !== undefined && next < this.timerTick) this.arm(next)
  }

  /** The buckets that are due, taken out first: what `expire` adds waits for the next turn, even if it is due as well. */
  private takeDue(now: number): readonly LinkedQueue<() => void>[] {
    this.due = []
    for (let tick = this.order.least; tick !== undefined; tick = this.order.least) {
      const bucket = this.buckets.get(tick)
      if (bucket !== undefined && bucket.size > 0 && tick * this.tickMs > now) break
      if (bucket !== undefined) this.due.push(bucket)
      if (bucket === this.latest) this.latest = undefined
      this.buckets.delete(tick)
      this.order.shift()
    }
    return this.due
  }
}
