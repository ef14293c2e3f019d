import type { Subscriber } from 'rxjs'
import { ServiceError } from '../errors.js'
import { isPromiseLike } from '../source.js'

type AnyIterator<T> = Iterator<T, unknown> | AsyncIterator<T, unknown>
type Step<T> = IteratorResult<T, unknown>

/** Pulls an iterable: one step for each permission, and never a second step before the first has settled. */
export class PullPacer<T> {
  private iterator: AnyIterator<T> | undefined
  private permitted = 0
  private stepping = false
  private insideNext = false
  private ended = false
  private demandEnded = false

  constructor(
    private readonly source: Iterable<T> | AsyncIterable<T>,
    private readonly subscriber: Subscriber<T>,
    private readonly onLateError: (error: ServiceError) => void,
  ) {}

  /** May be called while a value is being emitted: the loop that emits goes on with it. */
  permit(count: number): void {
    this.permitted += count
    this.run()
  }

  endDemand(): void {
    this.demandEnded = true
    this.run()
  }

  /** Ends the iteration and tells the iterator, also while a step of it is pending. */
  stop(): void {
    if (this.ended) return
    this.ended = true
    // A generator that is running cannot be returned: `step` does it when `next` comes back.
    if (!this.insideNext) this.close()
  }

  private run(): void {
    while (this.permitted > 0 && !this.stepping && !this.ended) this.step()
    if (this.demandEnded && this.permitted <= 0 && !this.stepping && !this.ended) this.subscriber.complete()
  }

  private step(): void {
    this.stepping = true
    try {
      const step = this.next()
      if (this.ended) return this.close()
      if (isPromiseLike(step)) step.then(this.settled, this.failed)
      else this.take(step)
    } catch (error) {
      this.failed(error)
    }
  }

  private next(): Step<T> | PromiseLike<Step<T>> {
    this.insideNext = true
    try {
      this.iterator ??= iteratorOf(this.source)
      return this.iterator.next()
    } finally {
      this.insideNext = false
    }
  }

  private readonly settled = (step: Step<T>): void => {
    if (this.ended) return
    this.take(step)
    this.run()
  }

  private readonly failed = (error: unknown): void => {
    // After the end `close` hears from the iterator; its pending step then rejects for the same reason.
    if (this.ended) return
    this.ended = true
    this.subscriber.error(error)
  }

  private take(step: Step<T>): void {
    if (step.done === true) {
      this.ended = true
      this.subscriber.complete()
      return
    }
    this.permitted -= 1
    this.subscriber.next(step.value)
    this.stepping = false
  }

  private close(): void {
    try {
      const closed: unknown = this.iterator?.return?.()
      if (isPromiseLike(closed)) closed.then(undefined, this.late)
    } catch (error) {
      this.late(error)
    }
  }

  private readonly late = (error: unknown): void => this.onLateError(ServiceError.from(error))
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): AnyIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}
