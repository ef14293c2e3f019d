import { Observable, type Observer, type Subscriber } from 'rxjs'
import { createDelivery, type Delivery } from '../delivery.js'
import { ServiceError } from '../errors.js'
import { Fifo } from '../fifo.js'
import { createFlow, type Flow } from '../flow.js'
import { subscribeFor } from '../linked.js'
import { count, oneOf, resolveOptions } from '../options.js'

/** What happens to a value that comes when the queue is full. `fail`: the stream errors `resource_exhausted`. */
export type OverflowRule = 'drop-oldest' | 'drop-newest' | 'fail'

/**
 * Lets at most `max` values of a pushing source wait for a consumer that pulls: `for await`, `work`, or the sending half
 * of a stream (`paced`). `rule` says what a value meets that comes when all places are taken.
 *
 * The result is a Flow, also behind `pipe` (whose type says Observable): each subscriber or iterator subscribes to the source
 * anew and has a queue of its own. It hands out `window` values at a time, further ones as those are answered; values that
 * were handed out do not count and are not dropped. In front of `work(fn, n)` a window of `n` keeps all its places busy.
 * Completes and errors as the source does, behind what waits; an overflow under `fail` errors at once. Unsubscribing
 * unsubscribes from the source and drops what waits. Consumers that do not hold back (a plain `subscribe`) get every value.
 *
 * Throws `bad_request` for a `max` or `window` that is no whole number of at least 1, and for an unknown rule.
 */
export function bounded<T>(
  max: number,
  rule: OverflowRule = 'fail',
  window = 1,
): (source: Observable<T>) => Flow<T> {
  resolveOptions<BoundedOptions>('bounded', { max, rule, window }, rules)
  return source =>
    createFlow(
      new Observable<Delivery<T>>(subscriber => {
        const queue = new BoundedQueue(max, rule, window, subscriber)
        subscribeFor(subscriber, source, queue)
        return () => queue.clear()
      }),
    )
}

interface BoundedOptions {
  readonly max: number
  readonly rule: OverflowRule
  readonly window: number
}

const rules = {
  max: count(1),
  rule: oneOf<OverflowRule>('fail', 'drop-oldest', 'drop-newest', 'fail'),
  window: count(1),
}

class BoundedQueue<T> implements Observer<T> {
  private readonly waiting = new Fifo<T>()
  private handedOut = 0
  private handing = false
  private end: { readonly error?: unknown } | undefined
  private readonly answered = (): void => {
    this.handedOut -= 1
    this.handOut()
  }

  constructor(
    private readonly max: number,
    private readonly rule: OverflowRule,
    private readonly window: number,
    private readonly subscriber: Subscriber<Delivery<T>>,
  ) {}

  next(value: T): void {
    if (this.waiting.length < this.max || this.makeRoom()) this.waiting.push(value)
    this.handOut()
  }

  error(error: unknown): void {
    this.end = { error }
    this.handOut()
  }

  complete(): void {
    this.end = {}
    this.handOut()
  }

  clear(): void {
    this.waiting.clear()
  }

  private makeRoom(): boolean {
    if (this.rule === 'drop-newest') return false
    if (this.rule === 'drop-oldest') {
      this.waiting.shift()
      return true
    }
    this.subscriber.error(
      new ServiceError(
        'resource_exhausted',
        `bounded: ${this.max} values wait for a slow consumer; raise the bound, or drop with 'drop-oldest' or 'drop-newest'`,
      ),
    )
    return false
  }

  // Answers may come while a value is handed out: the loop then goes on with the next.
  private handOut(): void {
    if (this.handing) return
    this.handing = true
    while (this.handedOut < this.window && this.waiting.length > 0) {
      this.handedOut += 1
      this.subscriber.next(createDelivery(this.waiting.shift() as T, this.answered))
    }
    this.handing = false
    if (this.end !== undefined && this.waiting.length === 0) this.finish(this.end)
  }

  private finish(end: { readonly error?: unknown }): void {
    if ('error' in end) this.subscriber.error(end.error)
    else this.subscriber.complete()
  }
}
