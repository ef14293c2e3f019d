import { Subject, Subscription, type Subscriber } from 'rxjs'
import { mapDelivery, type Delivery } from '../../streams/delivery.js'
import type { CallMarks, Format } from '../../streams/codec.js'
import { ServiceError } from '../../streams/errors.js'
import type { Source } from '../../streams/exchange.js'
import { emptyBody, type Message } from '../../streams/message.js'
import { paced } from '../../streams/operators/paced.js'
import { roughSize } from '../../streams/rough-size.js'
import type { Channel } from '../../streams/transport.js'
import { toSource } from '../../streams/source.js'
import { Outbox } from '../outbox.js'
import { readAnswer } from './answer.js'
import { headersOf, type CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import type { OpenedChannel } from './open-channel.js'
import { QuietEnd, quietEndQuestion } from './quiet-end.js'
import { endFrame, streamFrame, streamMarks } from './request-frame.js'

interface Attached {
  readonly channel: Channel
  readonly outbox: Outbox
  readonly format: Format
  readonly marks: CallMarks | undefined
  /** For a peer that says nothing at the end of a stream whose requests have ended. */
  readonly quietEnd: QuietEnd | undefined
}

/** How long a peer may take to close a stream that has ended, before it is closed from here. */
const closingMs = 5_000

/** How a peer tells that it read to the end of a half-closed stream, when its handler passes that on (PROTOCOL section 2.7, point 7). */
const endOfInput = 'EOF'

/**
 * One stream over one channel. Requests go out as the peer asks for them, answers come in as the consumer takes them, and
 * neither waits for the other. The opening message selects the endpoint and carries no request (PROTOCOL section 2.7, point 1).
 */
export class StreamCall<O> {
  private readonly allowance = new Subject<number>()
  private readonly input = new Subscription()
  private attached: Attached | undefined
  private sent = 0
  private requestsOver = false
  private halfClosed = false
  private open = true

  /** The source of requests is subscribed at once, so that nothing it pushes while the channel is being opened is lost. Throws `bad_request` when it is none. */
  constructor(
    private readonly plan: CallPlan,
    requests: Source<unknown>,
    private readonly services: CallServices,
    private readonly subscriber: Subscriber<Delivery<O>>,
  ) {
    this.input.add(
      paced(sourceOf(requests, plan), this.allowance, { sizeOf: roughSize }).subscribe({
        next: request => this.send(request),
        error: (failure: unknown) => this.fail(ServiceError.from(failure)),
        complete: () => this.endRequests(),
      }),
    )
  }

  /** Sends and receives over the channel until either side ends it; a connection that breaks is reported against its node. */
  attach({ channel, format, endsQuietly, report }: OpenedChannel): void {
    const outbox = new Outbox(channel)
    const marks = streamMarks(format, this.services.nextId)
    const quietEnd = endsQuietly ? this.quietEndOf(outbox, format, marks) : undefined
    this.attached = { channel, outbox, format, marks, quietEnd }
    if (!this.open) return this.release(new ServiceError('cancelled', 'the stream was cancelled'))
    if (!this.sendOpening(outbox, format)) return
    const lost = (error: ServiceError) => {
      if (this.open) report(error)
      this.finish(error)
    }
    this.input.add(
      (quietEnd?.until(channel.incoming) ?? channel.incoming).subscribe({
        next: delivery => this.receive(delivery, format),
        error: (failure: unknown) => lost(ServiceError.from(failure)),
        complete: () =>
          endsQuietly && this.halfClosed ? this.finish(undefined) : lost(this.cutShort(channel)),
      }),
    )
    if (this.requestsOver) this.endRequests()
    else this.input.add(this.lend(outbox))
  }

  /** Ends the stream from this side; the peer hears a cancellation. */
  cancel(
    reason = new ServiceError('cancelled', 'the stream was cancelled', { id: 'headrace.client' }),
  ): void {
    if (!this.open) return
    this.open = false
    this.input.unsubscribe()
    this.release(reason)
  }

  /** What the peer allows is what the requests are paced by. */
  private lend(outbox: Outbox): Subscription {
    return outbox.demand().subscribe({
      next: more => this.allowance.next(more),
      error: (failure: unknown) => this.fail(ServiceError.from(failure)),
    })
  }

  private sendOpening(outbox: Outbox, format: Format): boolean {
    try {
      outbox.send(
        format.dialect === 'bare' ? this.message(emptyBody, format) : this.requestMessage({}, format),
      )
    } catch (failure) {
      this.fail(ServiceError.from(failure))
    }
    return this.open
  }

  private send(request: unknown): void {
    const { attached } = this
    if (!this.open || attached === undefined) return
    try {
      attached.outbox.send(this.requestMessage(request, attached.format))
    } catch (failure) {
      this.fail(ServiceError.from(failure))
    }
  }

  private requestMessage(request: unknown, format: Format): Message {
    return this.message(format.codec.encode(request, this.plan.target.definition.request), format)
  }

  /** In the bare dialect only the opening says what it is for. */
  private message(body: Uint8Array, format: Format): Message {
    const { plan, services, sent } = this
    this.sent += 1
    if (format.dialect === 'bare' && sent > 0) {
      return format.envelope.writeRequest({ id: sent, endpoint: '', body }, {})
    }
    const headers = headersOf(plan, format, plan.context.metadata, services.clock.scheduler.now())
    return format.envelope.writeRequest(streamFrame(plan.target, sent, this.attached?.marks, body), headers)
  }

  /** A server stream has one request, and its peer may take the end of our direction for the end of the call. */
  private endRequests(): void {
    this.requestsOver = true
    if (!this.open || this.plan.target.definition.cardinality === 'serverStream') return
    const { attached, plan, services } = this
    if (attached === undefined) return
    this.halfClosed = true
    const { format, marks, outbox, quietEnd } = attached
    const end = endFrame(plan.target, marks)
    if (end !== undefined) {
      const headers = headersOf(plan, format, plan.context.metadata, services.clock.scheduler.now())
      outbox.send(format.envelope.writeRequest(end, headers))
    }
    if (quietEnd === undefined) outbox.end()
    else quietEnd.begin(this.sent - 1) // the opening is none
  }

  private quietEndOf(outbox: Outbox, format: Format, marks: CallMarks | undefined): QuietEnd {
    const { clock, deadlines } = this.services
    const ask = () => {
      if (marks === undefined || outbox.depth > 0) return
      outbox.send(quietEndQuestion(this.plan, format, marks, clock.scheduler.now()))
    }
    const oneAnswer = this.plan.target.definition.cardinality === 'clientStream'
    return new QuietEnd({ ask, oneAnswer, clock, deadlines })
  }

  private receive(delivery: Delivery<Message>, format: Format): void {
    const { plan, services } = this
    const { value, error, end, unreadable } = readAnswer<O>(delivery.value, format, plan, services.formats)
    if (error === undefined && end !== true) {
      return this.subscriber.next(mapDelivery(delivery, value as O))
    }
    delivery.ack()
    if (error !== undefined && unreadable === true) return this.fail(error)
    this.finish(error?.detail === endOfInput && this.halfClosed ? undefined : error)
  }

  /** The peer has said how the stream ended: this side closes in good order. */
  private finish(error: ServiceError | undefined): void {
    if (!this.open) return
    this.open = false
    this.input.unsubscribe()
    this.attached?.outbox.end()
    this.closeInTime()
    if (error === undefined) this.subscriber.complete()
    else this.subscriber.error(error)
  }

  /** This side failed. */
  private fail(error: ServiceError): void {
    if (!this.open) return
    this.cancel(error)
    this.subscriber.error(error)
  }

  private release(reason: ServiceError): void {
    this.attached?.outbox.close()
    this.attached?.channel.abort(reason)
  }

  private closeInTime(): void {
    const { attached } = this
    if (attached === undefined) return
    const { channel, outbox } = attached
    const { clock, deadlines } = this.services
    const late = new ServiceError('timeout', `${channel.peer} did not close a stream that has ended`)
    const stop = deadlines.add(clock.scheduler.now() + closingMs, () => channel.abort(late))
    const done = () => {
      stop()
      outbox.close()
    }
    channel.closed.subscribe({ error: done, complete: done })
  }

  private cutShort({ peer }: Channel): ServiceError {
    const { service, endpoint } = this.plan.context
    return new ServiceError('unavailable', `${service} ${endpoint}: ${peer} closed the stream before its end`)
  }
}

function sourceOf(requests: Source<unknown>, { context }: CallPlan): Source<unknown> {
  try {
    return toSource(requests)
  } catch (cause) {
    const what = 'the requests of a stream are an Observable, an async iterable or an iterable'
    throw new ServiceError('bad_request', `${context.endpoint}: ${what}, not ${typeof requests}`, { cause })
  }
}
