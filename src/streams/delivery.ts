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
  let open = true
  const settle = (error?: ServiceError) => {
    if (!open) return
    open = false
    settled(error)
  }
  return { value, ack: () => settle(), nack: error => settle(error) }
}

/** The same delivery with another value: its ack and nack are the original's. */
export function mapDelivery<A, B>(delivery: Delivery<A>, value: B): Delivery<B> {
  return { value, ack: () => delivery.ack(), nack: error => delivery.nack(error) }
}
