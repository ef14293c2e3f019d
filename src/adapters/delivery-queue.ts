import { Subscription } from 'rxjs'
import { LinkedQueue, type Place } from '../streams/linked-queue.js'
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
  private readonly waiting = new LinkedQueue<Entry<T>>()
  /** Those whose outcome is not known, whether they wait or were taken. */
  private readonly open = new LinkedQueue<Entry<T>>()
  /** One for all of them, for when the first is due: a timer for each delivery costs more than the delivery. */
  private timer = Subscription.EMPTY
  private timerAt = Infinity

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
    const entry = new Entry(value, timeoutMs, this.now + timeoutMs, this, settled)
    entry.openPlace = this.open.push(entry)
    entry.place = this.waiting.push(entry)
    if (entry.expiresAt < this.timerAt) this.arm(entry.expiresAt)
    return () => entry.giveUp()
  }

  /** The delivery that waits longest. */
  get first(): PendingDelivery<T> | undefined {
    return this.waiting.first
  }

  /** The delivery that waits longest, which waits no more. */
  take(): PendingDelivery<T> | undefined {
    return this.waiting.shift()
  }

  /**
   * A delivery that was taken, and that the subscriber did not get, waits again, before all others. For several, the newest goes first.
   * They were counted when they were offered, so the limit is not asked again.
   */
  putBack(pending: PendingDelivery<T>): void {
    if (pending instanceof Entry && pending.open) {
      const entry = pending as Entry<T>
      entry.place = this.waiting.unshift(entry)
    }
  }

  /** Everything that waits fails with `error`. */
  fail(error: ServiceError): void {
    for (const entry of this.waiting.clear()) entry.settle(error)
  }

  /** For {@link Entry}: it is settled or was given up. */
  forget({ place, openPlace }: Entry<T>): void {
    if (place !== undefined) this.waiting.remove(place)
    if (openPlace !== undefined) this.open.remove(openPlace)
    if (this.open.size > 0) return
    this.timer.unsubscribe()
    this.timerAt = Infinity
  }

  private arm(at: number): void {
    const { scheduler } = this.options.clock
    this.timer.unsubscribe()
    this.timerAt = at
    const delay = Math.min(Math.max(0, at - this.now), longestTimerMs)
    this.timer = scheduler.schedule(() => this.expire(), delay)
  }

  /** Looks at all of them: usually nothing is due any more, as what the timer was set for was settled long ago. */
  private expire(): void {
    const { now } = this
    this.timerAt = Infinity
    for (const entry of [...this.open]) if (entry.expiresAt <= now) entry.settle(this.late(entry))
    let next = Infinity
    for (const { expiresAt } of this.open) next = Math.min(next, expiresAt)
    if (next < this.timerAt) this.arm(next)
  }

  private late({ place, timeoutMs }: Entry<T>): ServiceError {
    const { subscriber } = this.options
    if (place?.queued === true) {
      const detail = `${subscriber} had no room for the message within ${timeoutMs} ms`
      return new ServiceError('resource_exhausted', detail)
    }
    const detail = `${subscriber} has the message, but did not answer within ${timeoutMs} ms`
    return new ServiceError('timeout', detail)
  }

  private full(): ServiceError {
    const { subscriber, limit } = this.options
    const advice = 'await each publish, or raise queueSize'
    return new ServiceError(
      'resource_exhausted',
      `${limit} messages wait for ${subscriber} already: ${advice}`,
    )
  }

  private get now(): number {
    return this.options.clock.scheduler.now()
  }
}

class Entry<T> implements PendingDelivery<T> {
  open = true
  /** Where it waits, or has waited. */
  place: Place<Entry<T>> | undefined
  openPlace: Place<Entry<T>> | undefined

  constructor(
    readonly value: T,
    readonly timeoutMs: number,
    readonly expiresAt: number,
    private readonly queue: DeliveryQueue<T>,
    private readonly settled: (error?: ServiceError) => void,
  ) {}

  settle(error?: ServiceError): void {
    if (!this.open) return
    this.giveUp()
    this.settled(error)
  }

  giveUp(): void {
    if (!this.open) return
    this.open = false
    this.queue.forget(this)
  }
}
