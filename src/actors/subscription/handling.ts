import { Observable, Subject, Subscription, defer, EMPTY } from 'rxjs'
import { mapDelivery, type Delivery } from '../../streams/delivery.js'
import { enterEmission } from '../../streams/emission.js'
import { ServiceError } from '../../streams/errors.js'
import { Fifo } from '../../streams/fifo.js'
import { subscribeFor } from '../../streams/linked.js'
import type { Message } from '../../streams/message.js'
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
  handle(input: T | Delivery<T>, message: Message): unknown
  fault(fault: HandlingFault): void
}

/** A message that was read and waits for a handler. */
interface Waiting<T> {
  readonly delivery: Delivery<Message>
  readonly value: T
}

/**
 * The way of the messages of one subscription: decode, handle so many at once, answer. It outlives a lost broker. It does what `work` does on a Flow,
 * without an Observable, a record or an entry in a table for a message whose handler is done when it returns, which most are.
 */
export class Handling<T> {
  /** What waits is bounded by the broker's window, as none of it is answered. */
  private readonly waiting = new Fifo<Waiting<T>>()
  private readonly finished = new Subject<void>()
  /** The handlers that go on after they have returned. Open while {@link run} is subscribed. */
  private crew = Subscription.EMPTY
  private handlers = 0
  private starting = false
  private draining = false

  constructor(private readonly parts: HandlingParts<T>) {}

  /** How many handlers run. */
  get inFlight(): number {
    return this.handlers
  }

  /** Handles what is delivered. Cold, to be subscribed once at a time. Emits nothing, does not end. Unsubscribing cancels handlers: their messages stay unanswered. */
  readonly run: Observable<never> = new Observable(() => {
    const crew = new Subscription()
    this.crew = crew
    return () => {
      this.waiting.clear()
      this.handlers = 0
      crew.unsubscribe()
      this.finished.next()
    }
  })

  deliver(delivery: Delivery<Message>): void {
    // What is not begun any more stays unanswered, and with the broker.
    if (this.draining || this.crew.closed) return
    let value: T
    try {
      value = this.parts.decode(delivery.value)
    } catch (reason) {
      return this.undecodable(delivery, ServiceError.from(reason))
    }
    if (this.isFree && this.waiting.length === 0) this.start(delivery, value)
    else this.waiting.push({ delivery, value })
    this.advance()
  }

  /** Starts no more handlers. Cold. Emits nothing and completes when those that run are done. */
  drain(): Observable<never> {
    return defer(() => {
      this.draining = true
      this.waiting.clear()
      if (this.handlers === 0) return EMPTY
      return new Observable<never>(subscriber =>
        subscribeFor(subscriber, this.finished, {
          next: () => {
            if (this.handlers === 0) subscriber.complete()
          },
          error: error => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      )
    })
  }

  private get isFree(): boolean {
    return !this.starting && this.handlers < this.parts.concurrency
  }

  // Handlers that are done at once, and answers that bring the next message at once, go round this loop and not up the stack.
  private advance(): void {
    while (this.isFree) {
      const next = this.waiting.shift()
      if (next === undefined) return
      this.start(next.delivery, next.value)
    }
  }

  private start(delivery: Delivery<Message>, value: T): void {
    const { parts } = this
    this.handlers += 1
    this.starting = true
    // A message may be delivered while a Flow emits: what the handler subscribes to is not behind the operators of that Flow.
    const outer = enterEmission(undefined)
    try {
      const input = parts.manual ? mapDelivery(delivery, value) : value
      this.follow(delivery, parts.handle(input, delivery.value))
    } catch (failure) {
      this.failed(delivery, failure)
    } finally {
      enterEmission(outer)
      this.starting = false
    }
  }

  private follow(delivery: Delivery<Message>, result: unknown): void {
    const { crew } = this
    const stream = streamOf(result)
    if (stream !== undefined) {
      subscribeFor(crew, stream, {
        next: () => undefined,
        error: failure => this.goOn(() => this.failed(delivery, failure)),
        complete: () => this.goOn(() => this.done(delivery)),
      })
    } else if (isPromiseLike(result)) {
      result.then(
        () => {
          if (!crew.closed) this.goOn(() => this.done(delivery))
        },
        (failure: unknown) => {
          if (!crew.closed) this.goOn(() => this.failed(delivery, failure))
        },
      )
    } else this.done(delivery)
  }

  private goOn(settle: () => void): void {
    settle()
    this.advance()
  }

  private done(delivery: Delivery<Message>): void {
    // With manual answers, that the handler is done means no ack.
    if (!this.parts.manual) delivery.ack()
    this.ended()
  }

  private failed(delivery: Delivery<Message>, failure: unknown): void {
    const error = ServiceError.from(failure)
    delivery.nack(error)
    this.ended()
    this.parts.fault({ kind: 'handler_failed', topic: this.parts.topic, error })
  }

  private ended(): void {
    this.handlers -= 1
    if (this.draining) this.finished.next()
  }

  private undecodable(delivery: Delivery<Message>, error: ServiceError): void {
    delivery.nack(error)
    this.parts.fault({ kind: 'undecodable', topic: this.parts.topic, error })
  }
}
