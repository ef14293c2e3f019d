import type { Observable, Observer, Subscriber } from 'rxjs'
import type { Delivery } from '../delivery.js'
import { enterEmission } from '../emission.js'
import { Fifo } from '../fifo.js'
import { subscribeFor } from '../linked.js'

/**
 * Pulls a Flow by its deliveries: a value for each permission, and the one before is answered when the next is permitted. So does an iterator of the Flow, but with
 * a promise for each value; here what is there goes on in the same turn. What waits is bounded by the deliverer's window.
 */
export class DeliveryPacer<T> implements Observer<Delivery<T>> {
  private readonly waiting = new Fifo<Delivery<T>>()
  private taken: Delivery<T> | undefined
  private permitted = 0
  private started = false
  private running = false
  private over = false
  private demandEnded = false
  private end: { readonly error?: unknown } | undefined

  constructor(
    private readonly deliveries: Observable<Delivery<T>>,
    private readonly subscriber: Subscriber<T>,
  ) {}

  /** May be called while a value is being emitted: the loop that emits goes on with it. The first permission subscribes. */
  permit(count: number): void {
    this.permitted += count
    if (!this.started && this.permitted > 0) {
      this.started = true
      subscribeFor(this.subscriber, this.deliveries, this)
    }
    this.run()
  }

  endDemand(): void {
    this.demandEnded = true
    this.run()
  }

  next(delivery: Delivery<T>): void {
    this.waiting.push(delivery)
    this.run()
  }

  error(error: unknown): void {
    this.end = { error }
    this.run()
  }

  complete(): void {
    this.end = {}
    this.run()
  }

  /** The last value has gone out, so it is answered; what waits stays with the deliverer. */
  stop(): void {
    this.over = true
    this.waiting.clear()
    this.finishTaken()
  }

  private run(): void {
    if (this.running || this.over) return
    this.running = true
    // Nothing of what comes out here is the value that a Flow around it is emitting.
    const outer = enterEmission(undefined)
    try {
      this.emitPermitted()
    } finally {
      enterEmission(outer)
      this.running = false
    }
    this.finishWhenDone()
  }

  private emitPermitted(): void {
    while (this.permitted > 0 && !this.over) {
      // To ask for the next is to be done with the last; its answer may bring the next at once.
      this.finishTaken()
      const delivery = this.waiting.shift()
      if (delivery === undefined) return
      this.permitted -= 1
      this.taken = delivery
      this.subscriber.next(delivery.value)
    }
  }

  // As with an iterator the end is seen when one more is asked for.
  private finishWhenDone(): void {
    if (this.over) return
    if (this.permitted > 0 && this.end !== undefined && this.waiting.length === 0) {
      if ('error' in this.end) this.subscriber.error(this.end.error)
      else this.subscriber.complete()
    } else if (this.demandEnded && this.permitted <= 0) this.subscriber.complete()
  }

  private finishTaken(): void {
    const { taken } = this
    this.taken = undefined
    taken?.ack()
  }
}
