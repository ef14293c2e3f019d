import { Subscription, type Observable } from 'rxjs'
import type { Delivery } from './delivery.js'
import { Fifo } from './fifo.js'
import { subscribeFor } from './linked.js'

interface Asked<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Pulls deliveries one at a time: `next` acks the value before, because its consumer is done with it; `return` acks
 * the last one and unsubscribes. The first `next` subscribes. What waits here is bounded by the deliverer's window.
 */
export class DeliveryIterator<T> implements AsyncIterableIterator<T, undefined, undefined> {
  private readonly waiting = new Fifo<Delivery<T>>()
  private readonly asked = new Fifo<Asked<T>>()
  private readonly subscription = new Subscription()
  private started = false
  private taken: Delivery<T> | undefined
  private end: { readonly error?: unknown } | undefined

  constructor(private readonly deliveries: Observable<Delivery<T>>) {}

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    this.finishTaken()
    // What is there already is handed over without the record and the functions of one that is waited for.
    const ready = this.asked.length === 0 ? this.waiting.shift() : undefined
    if (ready !== undefined) {
      this.taken = ready
      return Promise.resolve({ done: false, value: ready.value })
    }
    return new Promise((resolve, reject) => {
      this.asked.push({ resolve, reject })
      this.start()
      this.answer()
    })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end = {}
    this.waiting.clear()
    this.finishTaken()
    this.subscription.unsubscribe()
    this.answer()
    return Promise.resolve({ done: true, value: undefined })
  }

  private start(): void {
    if (this.started || this.end !== undefined) return
    this.started = true
    subscribeFor(this.subscription, this.deliveries, {
      next: delivery => {
        this.waiting.push(delivery)
        this.answer()
      },
      error: (error: unknown) => this.finish({ error }),
      complete: () => this.finish({}),
    })
  }

  private finish(end: { readonly error?: unknown }): void {
    this.end ??= end
    this.answer()
  }

  private answer(): void {
    while (this.asked.length > 0) {
      const delivery = this.waiting.shift()
      if (delivery !== undefined) this.give(delivery)
      else if (this.end !== undefined) this.giveEnd(this.end)
      else return
    }
  }

  private give(delivery: Delivery<T>): void {
    this.finishTaken()
    this.taken = delivery
    this.asked.shift()?.resolve({ done: false, value: delivery.value })
  }

  private giveEnd(end: { readonly error?: unknown }): void {
    this.finishTaken()
    this.end = {} // as in a generator: an error is told once, then the iterator is done
    if ('error' in end) this.asked.shift()?.reject(end.error)
    else this.asked.shift()?.resolve({ done: true, value: undefined })
  }

  // Acking may make the deliverer emit at once, so `taken` is cleared first.
  private finishTaken(): void {
    const { taken } = this
    this.taken = undefined
    taken?.ack()
  }
}
