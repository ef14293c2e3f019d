import { Observable, map } from 'rxjs'
import { mapDelivery, type Delivery } from './delivery.js'
import { ServiceError } from './errors.js'
import type { Cancel } from './transport.js'

/**
 * A stream of plain values that can also be pulled.
 *
 * - *Temperature:* cold on a client (each subscription or iterator opens a stream of its own); single-use where a handler
 *   gets it (a second subscriber or iterator is an error that says `share()`).
 * - *First value:* none until the peer sends one.
 * - *Ends:* completes when the peer ends, errors with a {@link ServiceError}.
 * - *Unsubscribe*, or `break` in `for await`: cancels the stream.
 * - *Flow:* subscribed, it is eager: a value counts as taken when `next` returns, so an operator that queues behind it
 *   (`concatMap`, `mergeMap`) is an unbounded buffer. Pulled (`for await`, `work(fn, n)`), the next value is asked for when the
 *   work on the last one is done. `flow.pipe(operator)` is a plain Observable and cannot be iterated.
 */
export interface Flow<T> extends Observable<T>, AsyncIterable<T> {}

/**
 * The answer of an operation: an Observable that can also be awaited.
 *
 * - *Temperature:* cold. Each subscription runs the operation anew; all awaits of one Reply share one run, which the first
 *   `then` starts. Neither subscribed nor awaited: nothing is sent.
 * - *First value:* the answer; then it completes. Errors with a {@link ServiceError}.
 * - *Unsubscribe:* cancels the operation. A promise cannot: give an awaited call `options.signal`.
 */
export interface Reply<T> extends Observable<T>, PromiseLike<T> {
  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E>
  finally(onFinally?: (() => void) | null): Promise<T>
}

/** A delivery that is being emitted or worked on. It is settled when its last holder lets go. */
interface Holding {
  hold(): void
  release(error?: ServiceError): void
}

/**
 * The delivery that a Flow is emitting right now. The one mutable variable of a module in headrace: it is set and restored
 * synchronously around `next`, which is how `work` finds the delivery behind synchronous operators.
 */
let emitting: Holding | undefined

/**
 * Keeps the delivery that is being emitted right now unanswered until the returned function is called: without an error it is acked (once
 * every holder let go), with one it is nacked. `undefined` when no Flow is emitting, as behind an asynchronous operator.
 */
export function holdEmitted(): ((error?: ServiceError) => void) | undefined {
  const holding = emitting
  if (holding === undefined) return undefined
  holding.hold()
  let open = true
  return error => {
    if (!open) return
    open = false
    holding.release(error)
  }
}

/** Calls `next` with a delivery's value so that {@link holdEmitted} finds it; acked afterwards unless it is held. */
export function emitDelivery<T>(delivery: Delivery<T>, next: (value: T) => void): void {
  let holders = 1
  let failure: ServiceError | undefined
  const holding: Holding = {
    hold: () => void (holders += 1),
    release: error => {
      failure ??= error
      holders -= 1
      if (holders > 0) return
      if (failure === undefined) delivery.ack()
      else delivery.nack(failure)
    },
  }
  const outer = emitting
  emitting = holding
  try {
    next(delivery.value)
  } finally {
    emitting = outer
    holding.release()
  }
}

class DeliveryFlow<T> extends Observable<T> implements Flow<T> {
  constructor(readonly deliveries: Observable<Delivery<T>>) {
    super(subscriber =>
      deliveries.subscribe({
        next: delivery => emitDelivery(delivery, value => subscriber.next(value)),
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined, undefined> {
    return new DeliveryIterator(this.deliveries)
  }
}

/** Pulls one delivery at a time: `next` answers the one before. What waits is bounded by the deliverer's window. */
class DeliveryIterator<T> implements AsyncIterator<T, undefined, undefined> {
  private readonly waiting: Delivery<T>[] = []
  private readonly asking: {
    resolve: (result: IteratorResult<T, undefined>) => void
    reject: (error: unknown) => void
  }[] = []
  private taken: Delivery<T> | undefined
  private ended: { error?: unknown } | undefined
  private cancel: Cancel | undefined

  constructor(private readonly deliveries: Observable<Delivery<T>>) {}

  next(): Promise<IteratorResult<T, undefined>> {
    this.finishTaken()
    return new Promise((resolve, reject) => {
      this.asking.push({ resolve, reject })
      this.start()
      this.answer()
    })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.finishTaken()
    this.ended = {}
    this.waiting.length = 0
    this.cancel?.()
    this.answer()
    return Promise.resolve({ done: true, value: undefined })
  }

  private start(): void {
    if (this.cancel !== undefined || this.ended !== undefined) return
    this.cancel = () => undefined // a source that emits synchronously must not start it again
    const subscription = this.deliveries.subscribe({
      next: delivery => {
        this.waiting.push(delivery)
        this.answer()
      },
      error: (error: unknown) => {
        this.ended ??= { error }
        this.answer()
      },
      complete: () => {
        this.ended ??= {}
        this.answer()
      },
    })
    this.cancel = () => subscription.unsubscribe()
  }

  private answer(): void {
    while (this.asking.length > 0) {
      const delivery = this.waiting.shift()
      if (delivery === undefined && this.ended === undefined) return
      const asked = this.asking.shift()
      if (delivery !== undefined) {
        this.finishTaken()
        this.taken = delivery
        asked?.resolve({ done: false, value: delivery.value })
      } else if (this.ended !== undefined && 'error' in this.ended) {
        const { error } = this.ended
        this.ended = {} // as in a generator: the error is told once, then the iterator is done
        asked?.reject(error)
      } else {
        asked?.resolve({ done: true, value: undefined })
      }
    }
  }

  private finishTaken(): void {
    const taken = this.taken
    this.taken = undefined
    taken?.ack()
  }
}

/** How a {@link Flow} made by {@link createFlow} behaves. */
export interface FlowOptions {
  /** Set: a second subscriber or iterator gets `bad_request` with this text. Default: each opens a stream of its own. */
  readonly singleUse?: string
}

/** A Flow over deliveries. `open` is subscribed once for each subscriber or iterator. */
export function createFlow<T>(open: Observable<Delivery<T>>, options: FlowOptions = {}): Flow<T> {
  return new DeliveryFlow(options.singleUse === undefined ? open : once(open, options.singleUse))
}

function once<T>(source: Observable<T>, refusal: string): Observable<T> {
  let used = false
  return new Observable(subscriber => {
    if (used) {
      subscriber.error(new ServiceError('bad_request', refusal))
      return undefined
    }
    used = true
    return source.subscribe(subscriber)
  })
}

/** The deliveries behind a Flow, or `undefined` for any other Observable (also for `flow.pipe(…)`). */
export function deliveriesOf<T>(source: Observable<T>): Observable<Delivery<T>> | undefined {
  return source instanceof DeliveryFlow ? (source as DeliveryFlow<T>).deliveries : undefined
}

/** Changes each value of a Flow and keeps it pullable, as `map` does for an Observable. An error of `project` ends the stream. */
export function mapFlow<A, B>(flow: Flow<A>, project: (value: A) => B): Flow<B> {
  const deliveries = deliveriesOf<A>(flow)
  if (deliveries === undefined)
    throw new ServiceError('bad_request', 'mapFlow: this is not a Flow; use map() for an Observable')
  return new DeliveryFlow(deliveries.pipe(map(delivery => mapDelivery(delivery, project(delivery.value)))))
}

/** Where an operation puts its outcome; the first call counts. */
export interface ReplyObserver<T> {
  answer(value: T): void
  fail(error: unknown): void
}

class OperationReply<T> extends Observable<T> implements Reply<T> {
  private awaited: Promise<T> | undefined

  constructor(private readonly start: (observer: ReplyObserver<T>) => Cancel) {
    super(subscriber =>
      start({
        answer: value => {
          subscriber.next(value)
          subscriber.complete()
        },
        fail: error => subscriber.error(error),
      }),
    )
  }

  // An awaited reply runs on the bare operation: no Subscriber, no firstValueFrom.
  private promise(): Promise<T> {
    this.awaited ??= new Promise<T>((answer, fail) => void this.start({ answer, fail }))
    return this.awaited
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.promise().then(onFulfilled, onRejected)
  }

  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E> {
    return this.promise().catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.promise().finally(onFinally)
  }
}

/** A Reply that runs `start` for each subscription, and once for all awaits. What `start` returns cancels the run. */
export function createReply<T>(start: (observer: ReplyObserver<T>) => Cancel): Reply<T> {
  return new OperationReply(start)
}
