import type { ServiceError } from './errors.js'

/**
 * A value that wants an answer: `ack` when the consumer is done with it, `nack` when it failed. The first of the two
 * counts, later calls do nothing. A deliverer keeps a bounded number of unanswered deliveries, so to ack is to ask
 * for more.
 */
export interface Delivery<T> {
  readonly value: T
  ack(): void
  nack(error: ServiceError): void
}

/** A delivery that calls back once: `undefined` for an ack, the error for a nack. */
export function createDelivery<T>(value: T, settled: (error?: ServiceError) => void): Delivery<T> {
  return new AnsweredOnce(value, settled)
}

/** The same delivery with another value: its ack and nack are the original's. */
export function mapDelivery<A, B>(delivery: Delivery<A>, value: B): Delivery<B> {
  return new Mapped(delivery, value)
}

// Classes and not closures: a delivery is made for each message, and this is one object instead of three.
class AnsweredOnce<T> implements Delivery<T> {
  constructor(
    readonly value: T,
    private settled: ((error?: ServiceError) => void) | undefined,
  ) {}

  ack(): void {
    const { settled } = this
    this.settled = undefined
    settled?.()
  }

  nack(error: ServiceError): void {
    const { settled } = this
    this.settled = undefined
    settled?.(error)
  }
}

class Mapped<A, B> implements Delivery<B> {
  constructor(
    private readonly original: Delivery<A>,
    readonly value: B,
  ) {}

  ack(): void {
    this.original.ack()
  }

  nack(error: ServiceError): void {
    this.original.nack(error)
  }
}
