import type { Delivery } from './delivery.js'
import { ServiceError } from './errors.js'

/** Whoever receives the values of deliveries. Once it is closed, what was not answered stays with the deliverer. */
export interface Consumer {
  readonly closed: boolean
}

/**
 * A delivery while it is being emitted and worked on. Operators that need it longer than `next` takes *hold* it; it is
 * answered when the last holder is done: with an ack, or with a nack if one of them failed.
 */
export class Emission {
  private holders = 0
  private cancelled = false
  private failure: ServiceError | undefined
  private delivery: Delivery<unknown> | undefined

  constructor(private readonly consumer: Consumer | undefined) {}

  /** Whether nobody holds it: it is settled, and may be used for another delivery. */
  get isFree(): boolean {
    return this.holders === 0
  }

  /** Calls `next` with the delivery's value, as the current emission meanwhile. What `next` throws goes through, and is a nack. */
  emit<T>(delivery: Delivery<T>, next: (value: T) => void): void {
    this.delivery = delivery
    this.cancelled = false
    this.failure = undefined
    // The emission itself is a holder until `next` has returned, so that nothing settles it half-way.
    this.holders = 1
    const outer = enterEmission(this)
    let failure: ServiceError | undefined
    try {
      next(delivery.value)
    } catch (thrown) {
      failure = ServiceError.from(thrown)
      throw thrown
    } finally {
      enterEmission(outer)
      this.release(failure)
    }
  }

  hold(): void {
    this.holders += 1
  }

  /** A holder is done, and so is the emission itself when `next` has returned; with an error it failed. */
  release(error?: ServiceError): void {
    this.failure ??= error
    this.letGo()
  }

  /**
   * A holder was unsubscribed before it was done. Where that ends the whole stream, the delivery stays unanswered; where
   * the stream goes on (behind `share` or in a `switchMap`) this holder does not want the value any more.
   */
  abandon(): void {
    if (this.consumer?.closed !== false) this.cancelled = true
    this.letGo()
  }

  private letGo(): void {
    this.holders -= 1
    if (this.holders > 0) return
    const { delivery, failure } = this
    this.delivery = undefined
    if (failure !== undefined) delivery?.nack(failure)
    else if (!this.cancelled) delivery?.ack()
  }
}

/**
 * The emission that is going on right now. The one mutable variable of a module in headrace: it is set and restored
 * synchronously around `next`, which is how `work` finds the delivery behind synchronous operators.
 */
let current: Emission | undefined

/** The emission that is going on right now, or `undefined`, as behind an asynchronous operator. */
export function currentEmission(): Emission | undefined {
  return current
}

/** Makes `emission` the current one and returns the one before, which is to be restored in a `finally`. */
export function enterEmission(emission: Emission | undefined): Emission | undefined {
  const outer = current
  current = emission
  return outer
}
