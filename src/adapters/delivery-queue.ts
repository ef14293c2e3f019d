import type { Subscription } from 'rxjs'
import { ServiceError, type Clock } from '../streams/index.js'

/** One delivery on its way from a publisher to a subscriber. */
export interface PendingDelivery<T> {
  readonly value: T
  /** False once its outcome is known or nobody waits for it. */
  readonly open: boolean
  /** Tells the outcome; the first call counts. */
  settle(error?: ServiceError): void
}

/** How a {@link DeliveryQueue} is made. */
export interface DeliveryQueueOptions {
  /** Who it leads to, for the text of errors. */
  readonly subscriber: string
  /** How many deliveries may wait. */
  readonly limit: number
  readonly clock: Clock
}

/** Node runs a timer that is longer at once. */
const longestTimerMs = 2 ** 31 - 1

/**
 * What a publisher holds for one subscriber: deliveries that wait until it has room, in the order of the publishes, never more
 * than `limit`. A delivery that nobody takes within its time fails with `resource_exhausted`, and so does one too many, at once.
 */
export class DeliveryQueue<T> {
  private waiting = new Set<Entry<T>>()

  constructor(private readonly options: DeliveryQueueOptions) {}

  /** How many wait. */
  get size(): number {
    return this.waiting.size
  }

  /**
   * Adds a delivery and returns what gives it up again. `settled` is called once with its outcome, and not at all after it was given
   * up. After `timeoutMs` it fails: with `resource_exhausted` when it still waits, with `timeout` when it was taken.
   */
  offer(value: T, timeoutMs: number, settled: (error?: ServiceError) => void): () => void {
    if (this.waiting.size >= this.options.limit) {
      settled(this.full())
      return () => undefined
    }
    const entry = new Entry(value, settled)
    this.waiting.add(entry)
    const delay = Math.min(timeoutMs, longestTimerMs)
    entry.timer = this.options.clock.scheduler.schedule(() => this.expire(entry, timeoutMs), delay)
    return () => {
      this.waiting.delete(entry)
      entry.giveUp()
    }
  }

  /** The delivery that waits longest. */
  get first(): PendingDelivery<T> | undefined {
    for (const entry of this.waiting) return entry
    return undefined
  }

  /** The delivery that waits longest, which waits no more. */
  take(): PendingDelivery<T> | undefined {
    for (const entry of this.waiting) {
      this.waiting.delete(entry)
      return entry
    }
    return undefined
  }

  /**
   * A delivery that was taken, and that the subscriber did not get, waits again, before all others. For several, the newest goes first.
   * They were counted when they were offered, so the limit is not asked again.
   */
  putBack(pending: PendingDelivery<T>): void {
    if (pending instanceof Entry && pending.open)
      this.waiting = new Set([pending as Entry<T>, ...this.waiting])
  }

  /** Everything that waits fails with `error`. */
  fail(error: ServiceError): void {
    const failing = [...this.waiting]
    this.waiting.clear()
    for (const entry of failing) entry.settle(error)
  }

  private expire(entry: Entry<T>, timeoutMs: number): void {
    const { subscriber } = this.options
    const waited = this.waiting.delete(entry)
    entry.settle(
      waited
        ? new ServiceError(
            'resource_exhausted',
            `${subscriber} had no room for the message within ${timeoutMs} ms`,
          )
        : new ServiceError(
            'timeout',
            `${subscriber} has the message, but did not answer within ${timeoutMs} ms`,
          ),
    )
  }

  private full(): ServiceError {
    const { subscriber, limit } = this.options
    const advice = 'await each publish, or raise queueSize'
    return new ServiceError(
      'resource_exhausted',
      `${limit} messages wait for ${subscriber} already: ${advice}`,
    )
  }
}

class Entry<T> implements PendingDelivery<T> {
  open = true
  timer: Subscription | undefined

  constructor(
    readonly value: T,
    private readonly settled: (error?: ServiceError) => void,
  ) {}

  settle(error?: ServiceError): void {
    if (!this.open) return
    this.giveUp()
    this.settled(error)
  }

  giveUp(): void {
    this.open = false
    this.timer?.unsubscribe()
  }
}
