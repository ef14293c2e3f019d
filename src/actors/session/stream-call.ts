import { Subscription, type Observable } from 'rxjs'
import { endOfStream, type FrameId } from '../../streams/codec.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import { createFlow, type Flow } from '../../streams/flow.js'
import { subscribeFor } from '../../streams/linked.js'
import type { Message } from '../../streams/message.js'
import { roughSize } from '../../streams/rough-size.js'
import type { CallContext } from '../call-context.js'
import type { Pace } from './endpoint-table.js'
import { RequestQueue } from './request-queue.js'
import {
  answerMessage,
  contextOf,
  errorMessage,
  handlerError,
  type CallScene,
  type Opening,
  type RunningCall,
} from './running-call.js'

type Run = (requests: Flow<unknown>, context: CallContext, pace: Pace) => Observable<unknown>

/** Answers of a handler that pushes, while the peer takes none: half of it holds up the input, and two windows of requests may be in the handler then. */
const maxWaiting = 4_096

/** What may wait at the session when a middleware emits more than its paced handler did. */
const maxUnpaced = 256

/**
 * A stream of requests and a stream of answers on one channel, in the order of PROTOCOL section 2.7: the opening message only selects the
 * endpoint; answers carry the id of the latest request; the end carries the id of the opening; a `Timeout` header does not cut it.
 */
export class StreamCall implements RunningCall {
  private readonly context: CallContext
  private readonly requests = new RequestQueue<unknown>()
  /** Acks of requests that are held back while the outgoing queue is over half full: output slows input. */
  private readonly heldBack: Delivery<Message>[] = []
  private pressed = false
  private latestId: FrameId
  private readonly subscription = new Subscription()
  private open = true

  constructor(
    private readonly scene: CallScene,
    private readonly opening: Opening,
  ) {
    this.latestId = opening.frame.id
    this.context = contextOf(scene, opening, undefined)
  }

  run(run: Run): void {
    this.opening.delivery.ack()
    const { name } = this.opening.endpoint.definition
    const requests = createFlow(this.requests.deliveries, {
      singleUse: `${name}: the requests of a stream can be read once; put share() behind them to read them twice`,
    })
    const pace: Pace = {
      demand: this.scene.outbox.demand(),
      options: { maxCount: maxWaiting, onPressure: pressed => this.press(pressed), sizeOf: roughSize },
    }
    try {
      subscribeFor(this.subscription, run(requests, this.context, pace), {
        next: value => this.send(value),
        error: (failure: unknown) => this.fail(handlerError(failure, this.context)),
        complete: () => this.end(),
      })
    } catch (failure) {
      this.fail(handlerError(failure, this.context))
    }
  }

  takes(delivery: Delivery<Message>): boolean {
    const { format, endpoint } = this.opening
    try {
      const frame = format.envelope.readRequest(delivery.value)
      if (frame.error !== undefined) return this.endedByClient(delivery, frame.error)
      this.latestId = frame.id
      if (frame.fault !== undefined) throw frame.fault
      const value = format.codec.decode(frame.body, endpoint.definition.request)
      this.requests.push(new RequestDelivery(value, delivery, this))
    } catch (failure) {
      delivery.ack()
      this.fail(ServiceError.from(failure, this.scene.service))
    }
    return true
  }

  /** In go-micro's version 1 a client says that it sends nothing more. */
  private endedByClient(delivery: Delivery<Message>, error: string): true {
    delivery.ack()
    if (error === endOfStream) this.requests.complete()
    else this.requests.fail(ServiceError.fromWire(error))
    return true
  }

  inputEnded(): void {
    this.requests.complete()
  }

  cancel(reason: ServiceError): void {
    if (!this.open) return
    this.open = false
    this.requests.fail(reason)
    this.release(reason)
  }

  private press(pressed: boolean): void {
    this.pressed = pressed
    // What has arrived already waits as well: a window of requests could have more answers than the queue holds.
    if (pressed) return this.requests.holdUp()
    for (const delivery of this.heldBack.splice(0)) delivery.ack()
    this.requests.goOn()
  }

  /** For {@link RequestDelivery}. */
  answered(delivery: Delivery<Message>, error?: ServiceError): void {
    if (error !== undefined) this.fail(error)
    if (this.pressed) this.heldBack.push(delivery)
    else delivery.ack()
  }

  private send(value: unknown): void {
    if (!this.open) return
    if (this.scene.outbox.depth >= maxUnpaced) {
      return this.fail(
        new ServiceError(
          'resource_exhausted',
          `${this.context.endpoint}: a middleware emits more than the peer takes`,
          {
            id: this.scene.service,
          },
        ),
      )
    }
    try {
      this.scene.outbox.send(answerMessage(this.opening, this.latestId, value))
    } catch (failure) {
      this.fail(handlerError(failure, this.context))
    }
  }

  private end(): void {
    if (this.open) this.finish(endOfStream, undefined)
  }

  private fail(error: ServiceError): void {
    if (this.open) this.finish(error.toWire(), error)
  }

  private finish(text: string, error: ServiceError | undefined): void {
    this.open = false
    this.scene.outbox.send(errorMessage(this.opening.format, this.opening.frame, text))
    this.requests.complete()
    this.release(error)
    this.scene.done(error)
  }

  private release(reason: ServiceError | undefined): void {
    this.subscription.unsubscribe()
    this.requests.abandon()
    this.press(false)
    if (reason !== undefined) this.context.abort(reason)
  }
}

/** A request on its way to the handler. A class and no functions: one is made for each. */
class RequestDelivery implements Delivery<unknown> {
  private open = true

  constructor(
    readonly value: unknown,
    private readonly message: Delivery<Message>,
    private readonly call: StreamCall,
  ) {}

  ack(): void {
    if (!this.open) return
    this.open = false
    this.call.answered(this.message)
  }

  nack(error: ServiceError): void {
    if (!this.open) return
    this.open = false
    this.call.answered(this.message, error)
  }
}
