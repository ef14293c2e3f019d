import { Subscription, type Subscriber } from 'rxjs'
import { createDelivery, type Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Source } from '../../streams/exchange.js'
import type { Message } from '../../streams/message.js'
import { paced } from '../../streams/operators/paced.js'
import type { Cancel, Channel } from '../../streams/transport.js'
import { Outbox } from '../outbox.js'
import { readAnswer } from './answer.js'
import { headersOf, type CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'

/** How long a peer may take to close a stream that has ended, before it is closed from here. */
const closingMs = 5_000

/** How a peer tells that it read to the end of a half-closed stream, when its handler passes that on (PROTOCOL section 2.7, point 7). */
const endOfInput = 'EOF'

/**
 * One stream over one channel. Requests go out as the peer asks for them, answers come in as the consumer takes them, and
 * neither waits for the other. The opening message selects the endpoint and carries no request (PROTOCOL section 2.7, point 1).
 */
export class StreamCall<O> {
  private readonly outbox: Outbox
  private readonly input = new Subscription()
  private sent = 0
  private halfClosed = false
  private open = true

  constructor(
    private readonly plan: CallPlan,
    private readonly channel: Channel,
    private readonly services: CallServices,
    private readonly subscriber: Subscriber<Delivery<O>>,
  ) {
    this.outbox = new Outbox(channel)
  }

  /** Sends and receives until either side ends it; the returned function cancels. */
  run(requests: Source<unknown>): Cancel {
    this.outbox.send(this.requestMessage({}))
    this.input.add(
      this.channel.incoming.subscribe({
        next: delivery => this.receive(delivery),
        error: (failure: unknown) => this.finish(ServiceError.from(failure)),
        complete: () => this.finish(this.cutShort()),
      }),
    )
    if (this.open) this.input.add(this.sendAll(requests))
    return () => this.cancel()
  }

  private sendAll(requests: Source<unknown>): Subscription {
    return paced(requests, this.outbox.demand()).subscribe({
      next: request => this.send(request),
      error: (failure: unknown) => this.fail(ServiceError.from(failure)),
      complete: () => this.endRequests(),
    })
  }

  private send(request: unknown): void {
    if (!this.open) return
    try {
      this.outbox.send(this.requestMessage(request))
    } catch (failure) {
      this.fail(ServiceError.from(failure))
    }
  }

  private requestMessage(request: unknown): Message {
    const { plan, services } = this
    const { format, target, context } = plan
    const body = format.codec.encode(request, target.definition.request)
    const frame = { id: this.sent, endpoint: target.definition.name, body }
    this.sent += 1
    return format.envelope.writeRequest(
      frame,
      headersOf(plan, context.metadata, services.clock.scheduler.now()),
    )
  }

  /** A server stream has one request, and its peer may take the end of our direction for the end of the call. */
  private endRequests(): void {
    if (!this.open || this.plan.target.definition.cardinality === 'serverStream') return
    this.halfClosed = true
    this.outbox.end()
  }

  private receive(delivery: Delivery<Message>): void {
    const { value, error, end } = readAnswer<O>(delivery.value, this.plan, this.services.formats)
    if (error === undefined && end !== true) {
      this.subscriber.next(
        createDelivery(value as O, failure =>
          failure === undefined ? delivery.ack() : delivery.nack(failure),
        ),
      )
      return
    }
    delivery.ack()
    this.finish(error?.detail === endOfInput && this.halfClosed ? undefined : error)
  }

  /** The peer has said how the stream ended: this side closes in good order. */
  private finish(error: ServiceError | undefined): void {
    if (!this.open) return
    this.open = false
    this.input.unsubscribe()
    this.outbox.end()
    this.closeInTime()
    if (error === undefined) this.subscriber.complete()
    else this.subscriber.error(error)
  }

  /** This side failed: the peer hears it as a cancellation. */
  private fail(error: ServiceError): void {
    if (!this.open) return
    this.cancel(error)
    this.subscriber.error(error)
  }

  private cancel(
    reason = new ServiceError('cancelled', 'the stream was cancelled', { id: 'headrace.client' }),
  ): void {
    if (!this.open) return
    this.open = false
    this.input.unsubscribe()
    this.outbox.close()
    this.channel.abort(reason)
  }

  private closeInTime(): void {
    const { clock, deadlines } = this.services
    const late = new ServiceError('timeout', `${this.channel.peer} did not close a stream that has ended`)
    const stop = deadlines.add(clock.scheduler.now() + closingMs, () => this.channel.abort(late))
    const done = () => {
      stop()
      this.outbox.close()
    }
    this.channel.closed.subscribe({ error: done, complete: done })
  }

  private cutShort(): ServiceError {
    const { service, endpoint } = this.plan.context
    return new ServiceError(
      'unavailable',
      `${service} ${endpoint}: ${this.channel.peer} closed the stream before its end`,
    )
  }
}
