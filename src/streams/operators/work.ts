import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs'
import { currentEmission, enterEmission, type Emission } from '../emission.js'
import { ServiceError } from '../errors.js'
import { Fifo } from '../fifo.js'
import { subscribeFor } from '../linked.js'
import { count, given, resolveOptions } from '../options.js'
import { isPromiseLike } from '../source.js'
import { streamOf, type WorkResult } from './work-result.js'

/** Options of {@link work}. */
export interface WorkOptions<T> {
  /**
   * Given: work that failed is told here, its delivery is nacked and the stream goes on. @default a failure ends the stream
   */
  readonly onFailure?: (error: ServiceError, value: T) => void
}

/** How many values without a delivery of their own may wait. */
const maxUnheld = 256

/**
 * Does work for each value, `concurrency` at a time, and asks a Flow for the next value when work is done.
 *
 * `fn` returns a value, a Promise, or a stream of results: an Observable, an async iterable or a generator, all of whose
 * values are emitted. Arrays and strings are values. With a `concurrency` of 1 results keep the order of the values;
 * with more they are emitted as they come.
 *
 * On a Flow, directly or behind synchronous operators (`map`, `filter`, `tap`, `scan`), the delivery of a value is *held*:
 * acked when its work has completed, nacked when it failed. One `work` behind another holds it too, until both are done.
 * So the Flow's window bounds what waits. Behind an asynchronous operator there is nothing to hold: at most 256 values
 * wait, and one more errors `resource_exhausted`; put `work` before that operator.
 *
 * Cold. Completes when the source has completed and all work is done. Errors at once when the source does, and when work fails,
 * with that error, unless `onFailure` is given. Unsubscribing cancels the work that is running; its values and those that
 * wait are neither acked nor nacked, they stay with the deliverer.
 *
 * Throws `bad_request` for a `concurrency` that is no whole number of at least 1 (`Infinity` is one: the window is the limit).
 */
export function work<T, R>(
  fn: (value: T, index: number) => WorkResult<R>,
  concurrency = 1,
  options?: WorkOptions<T>,
): OperatorFunction<T, R> {
  if (concurrency !== Infinity) resolveOptions('work', { concurrency }, { concurrency: count(1) })
  resolveOptions('work', options, { onFailure: given<unknown>(undefined) })
  return source =>
    new Observable(subscriber => {
      const crew = new Crew(fn, concurrency, options?.onFailure, subscriber)
      subscribeFor(subscriber, source, crew)
      // Runs after the source was unsubscribed, because an emission must see whether its stream goes on.
      return () => crew.abandon()
    })
}

/** One value on its way through. */
class Job<T> {
  /** Whether it waits in the place of its delivery; other values of the same delivery count as not held. */
  ownPlace = false

  constructor(
    readonly value: T,
    readonly emission: Emission | undefined,
  ) {}
}

class Crew<T, R> implements Observer<T> {
  private readonly waiting = new Fifo<Job<T>>()
  private readonly placed = new Set<Emission>()
  private readonly running = new Set<Job<T>>()
  private unheld = 0
  private index = 0
  private starting = false
  private sourceDone = false

  constructor(
    private readonly fn: (value: T, index: number) => WorkResult<R>,
    private readonly concurrency: number,
    private readonly onFailure: WorkOptions<T>['onFailure'],
    private readonly subscriber: Subscriber<R>,
  ) {}

  next(value: T): void {
    const job = new Job(value, currentEmission())
    job.emission?.hold()
    const free = !this.starting && this.running.size < this.concurrency && this.waiting.length === 0
    if (free) this.start(job)
    else this.enqueue(job)
    this.advance()
  }

  error(error: unknown): void {
    this.subscriber.error(error)
  }

  complete(): void {
    this.sourceDone = true
    this.advance()
  }

  abandon(): void {
    for (const job of this.running) job.emission?.abandon()
    for (const job of this.waiting) job.emission?.abandon()
    this.running.clear()
    this.waiting.clear()
  }

  private enqueue(job: Job<T>): void {
    const { emission } = job
    job.ownPlace = emission !== undefined && !this.placed.has(emission)
    if (emission !== undefined && job.ownPlace) this.placed.add(emission)
    else if (this.unheld < maxUnheld) this.unheld += 1
    else return this.overflow(job)
    this.waiting.push(job)
  }

  private dequeue(): Job<T> | undefined {
    const job = this.waiting.shift()
    if (job === undefined) return undefined
    if (job.emission !== undefined && job.ownPlace) this.placed.delete(job.emission)
    else this.unheld -= 1
    return job
  }

  private overflow(job: Job<T>): void {
    const error = new ServiceError(
      'resource_exhausted',
      `work: ${maxUnheld} values wait and nothing holds their source back; ` +
        'put work() before the asynchronous operator that stands between it and the Flow',
    )
    job.emission?.release(error)
    this.subscriber.error(error)
  }

  // Work that is done at once, and answers that bring the next value at once, go round this loop and not up the stack.
  private advance(): void {
    if (this.starting || this.subscriber.closed) return
    while (this.running.size < this.concurrency && this.waiting.length > 0) {
      const job = this.dequeue()
      if (job !== undefined) this.start(job)
    }
    if (this.sourceDone && this.running.size === 0 && this.waiting.length === 0) this.subscriber.complete()
  }

  private start(job: Job<T>): void {
    this.running.add(job)
    this.starting = true
    // What `fn` subscribes to is not behind the operators of this stream, so it must not find its emission.
    const outer = enterEmission(undefined)
    try {
      this.follow(job, this.fn(job.value, this.index++))
    } catch (failure) {
      this.failed(job, failure)
    } finally {
      enterEmission(outer)
      this.starting = false
    }
  }

  private follow(job: Job<T>, result: WorkResult<R>): void {
    const stream = streamOf(result)
    if (stream !== undefined) {
      subscribeFor(this.subscriber, stream, {
        next: value => this.emit(job, value),
        error: failure => this.failed(job, failure),
        complete: () => this.done(job),
      })
    } else if (isPromiseLike(result)) {
      result.then(
        value => this.finish(job, value),
        (failure: unknown) => this.failed(job, failure),
      )
    } else {
      this.finish(job, result as R)
    }
  }

  private finish(job: Job<T>, result: R): void {
    if (!this.running.has(job)) return
    this.emit(job, result)
    this.done(job)
  }

  private emit(job: Job<T>, result: R): void {
    const outer = enterEmission(job.emission)
    try {
      this.subscriber.next(result)
    } finally {
      enterEmission(outer)
    }
  }

  private done(job: Job<T>): void {
    if (!this.running.delete(job)) return
    job.emission?.release()
    this.advance()
  }

  private failed(job: Job<T>, failure: unknown): void {
    if (!this.running.delete(job)) return
    const error = ServiceError.from(failure)
    job.emission?.release(error)
    if (this.onFailure === undefined) return this.subscriber.error(failure)
    try {
      this.onFailure(error, job.value)
      this.advance()
    } catch (thrown) {
      this.subscriber.error(thrown)
    }
  }
}
