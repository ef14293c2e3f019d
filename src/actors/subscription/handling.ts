import {
  BehaviorSubject,
  NEVER,
  Subject,
  defer,
  filter,
  finalize,
  from,
  ignoreElements,
  map,
  of,
  takeWhile,
  type Observable,
} from 'rxjs'
import { createDelivery, mapDelivery, type Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import { createFlow } from '../../streams/flow.js'
import type { Message } from '../../streams/message.js'
import { work } from '../../streams/operators/work.js'
import { streamOf } from '../../streams/operators/work-result.js'
import { isPromiseLike } from '../../streams/source.js'

/** Something that went wrong with one message; the subscription goes on. */
export type HandlingFault =
  /** The message could not be decoded, and was nacked. */
  | { readonly kind: 'undecodable'; readonly topic: string; readonly error: ServiceError }
  /** The handler failed, and the message was nacked. */
  | { readonly kind: 'handler_failed'; readonly topic: string; readonly error: ServiceError }

/** What handling is made of. */
export interface HandlingParts<T> {
  readonly topic: string
  readonly concurrency: number
  /** The handler answers; else its completion is the ack. */
  readonly manual: boolean
  decode(message: Message): T
  handle(input: T | Delivery<T>): unknown
  fault(fault: HandlingFault): void
}

/** The way of the messages of one subscription: decode, handle so many at once, answer. It outlives a lost broker. */
export class Handling<T> {
  private readonly deliveries = new Subject<Delivery<Message>>()
  private readonly running = new BehaviorSubject(0)
  private draining = false

  constructor(private readonly parts: HandlingParts<T>) {}

  /** How many handlers run. */
  get inFlight(): number {
    return this.running.value
  }

  /** Handles what is delivered. Cold, to be subscribed once at a time. Emits nothing, does not end. Unsubscribing cancels handlers: their messages stay unanswered. */
  readonly run: Observable<never> = defer(() => {
    const inputs = this.deliveries.pipe(
      map(delivery => this.decoded(delivery)),
      filter(input => input !== undefined),
    )
    const { concurrency, topic } = this.parts
    const onFailure = (error: ServiceError) => this.parts.fault({ kind: 'handler_failed', topic, error })
    return createFlow(inputs).pipe(
      work(input => this.handle(input), concurrency, { onFailure }),
      ignoreElements(),
    )
  })

  deliver(delivery: Delivery<Message>): void {
    this.deliveries.next(delivery)
  }

  /** Starts no more handlers. Cold. Emits nothing and completes when those that run are done. */
  drain(): Observable<never> {
    return defer(() => {
      this.draining = true
      return this.running.pipe(
        takeWhile(handlers => handlers > 0),
        ignoreElements(),
      )
    })
  }

  private decoded(delivery: Delivery<Message>): Delivery<T | Delivery<T>> | undefined {
    const { topic, manual } = this.parts
    try {
      const value = mapDelivery(delivery, this.parts.decode(delivery.value))
      // With manual answers, that the handler is done means no ack; that it failed still means a nack.
      return manual ? createDelivery(value, error => error && value.nack(error)) : value
    } catch (reason) {
      const error = ServiceError.from(reason)
      delivery.nack(error)
      this.parts.fault({ kind: 'undecodable', topic, error })
      return undefined
    }
  }

  private handle(input: T | Delivery<T>): Observable<unknown> {
    // What is not begun any more stays unanswered, and with the broker.
    if (this.draining) return NEVER
    this.running.next(this.running.value + 1)
    return defer(() => resultsOf(this.parts.handle(input))).pipe(
      finalize(() => this.running.next(this.running.value - 1)),
    )
  }
}

function resultsOf(result: unknown): Observable<unknown> {
  const stream = streamOf(result)
  if (stream !== undefined) return stream
  return isPromiseLike(result) ? from(result) : of(result)
}
