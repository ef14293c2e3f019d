import { Subscription } from 'rxjs'
import type { Clock } from '../streams/clock.js'
import { endpointKey, type Format, type Formats, type FrameId, type RequestFrame } from '../streams/codec.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import type { Message } from '../streams/message.js'
import type { Channel } from '../streams/transport.js'
import type { Deadlines } from './deadlines.js'
import { Outbox } from './outbox.js'
import type { EndpointTable } from './session/endpoint-table.js'
import { requestFormat, unknownContentType } from './session/request-format.js'
import { errorMessage, type CallScene, type Opening, type RunningCall } from './session/running-call.js'
import { StreamCall } from './session/stream-call.js'
import { UnaryCall } from './session/unary-call.js'
import { unknownEndpoint } from './session/unknown-endpoint.js'

/** What a session needs of its server. */
export interface SessionOptions {
  readonly service: string
  readonly endpoints: EndpointTable
  readonly formats: Formats
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** A call began, or ended with what the peer was told (`undefined`: in good order). */
  readonly onCall: (change: 'began' | 'ended', failure?: ServiceError) => void
  /** The session is over. */
  readonly onClosed: () => void
}

/**
 * One accepted channel: decodes each message, finds its endpoint, runs it and answers. Calls follow one another; while one
 * is served the next waits. Plain functions and no mailbox: this is the hot path of a server.
 */
export class Session {
  private readonly outbox: Outbox
  private readonly scene: CallScene
  private readonly waiting: Delivery<Message>[] = []
  private readonly subscriptions = new Subscription()
  private current: RunningCall | undefined
  /** The last stream, to tell what its client still sends from a new call (PROTOCOL section 2.7, point 10). */
  private lastStream:
    { readonly endpoint: string; readonly openingId: FrameId; readonly bare: boolean } | undefined
  private inputOver = false
  private draining = false
  private ended = false
  private advancing = false
  private lastHeard: number

  constructor(
    private readonly channel: Channel,
    private readonly options: SessionOptions,
  ) {
    const { service, clock, deadlines } = options
    this.outbox = new Outbox(channel)
    this.scene = {
      service,
      clock,
      deadlines,
      peer: channel.peer,
      outbox: this.outbox,
      answer: message => this.outbox.send(message),
      done: failure => this.next(failure),
    }
    this.lastHeard = clock.scheduler.now()
    this.subscriptions.add(
      channel.incoming.subscribe({
        next: delivery => this.hear(delivery),
        error: (error: unknown) => this.close(ServiceError.from(error)),
        complete: () => this.inputEnded(),
      }),
    )
    this.subscriptions.add(
      channel.closed.subscribe({
        error: (error: unknown) => this.close(ServiceError.from(error)),
        complete: () => this.close(),
      }),
    )
  }

  /** Requests that wait for the call before them, and answers that wait for the peer. */
  get waits(): { readonly requests: number; readonly answers: number } {
    return { requests: this.waiting.length, answers: this.outbox.depth }
  }

  /** A call is being served, or its answer is not out yet. */
  get busy(): boolean {
    return this.current !== undefined || this.waiting.length > 0 || this.advancing
  }

  /** Tells the peer to start nothing more here; what still comes is served, and the channel ends after the last answer owed. */
  drain(): void {
    this.draining = true
    this.channel.retire()
  }

  /** Ends a draining channel that has been silent for `ms`. */
  endIfSilent(ms: number): void {
    if (!this.busy && this.options.clock.scheduler.now() - this.lastHeard >= ms) this.endOutput()
  }

  /** Ends now: the call that is served is cancelled and the peer is told as the wire can. */
  abort(error: ServiceError): void {
    this.close(error) // first, so that this is the reason which the handler is told
    this.channel.abort(error)
  }

  private hear(delivery: Delivery<Message>): void {
    this.lastHeard = this.options.clock.scheduler.now()
    // Nothing could be answered any more: what comes too late is not run.
    if (this.ended) delivery.ack()
    else if (this.advancing || this.waiting.length > 0) this.waiting.push(delivery)
    else if (this.current === undefined) this.begin(delivery)
    else if (!this.current.takes(delivery)) this.waiting.push(delivery)
  }

  private inputEnded(): void {
    this.inputOver = true
    this.current?.inputEnded()
    if (!this.busy) this.endOutput()
  }

  /** Opens the call that a message asks for, or answers why there is none. */
  private begin(delivery: Delivery<Message>): void {
    const message = delivery.value
    if (this.isRestOfStream(message)) return delivery.ack()
    const format = requestFormat(message.headers, this.options.formats)
    if (format === undefined) return this.refuseContentType(delivery)
    let frame: RequestFrame
    try {
      frame = format.envelope.readRequest(message)
    } catch (failure) {
      return this.refuse(delivery, format, { id: null, endpoint: '' }, ServiceError.from(failure), true)
    }
    const endpoint = this.options.endpoints.get(frame.endpoint)
    if (endpoint === undefined)
      return this.refuse(delivery, format, frame, unknownEndpoint(frame.endpoint, this.options), false)
    this.run({ delivery, frame, format, endpoint })
  }

  private run(opening: Opening): void {
    const { unary, stream } = opening.endpoint
    if (stream !== undefined && this.isLeftOver(opening.frame)) return opening.delivery.ack()
    this.options.onCall('began')
    if (unary !== undefined) {
      this.lastStream = undefined
      const call = new UnaryCall(this.scene, opening)
      this.current = call
      call.run(unary)
    } else if (stream !== undefined) {
      const { frame, format } = opening
      this.lastStream = { endpoint: frame.endpoint, openingId: frame.id, bare: format.dialect === 'bare' }
      const call = new StreamCall(this.scene, opening)
      this.current = call
      call.run(stream)
    }
  }

  /** In the bare dialect a message without an endpoint goes on with the stream before it, which has ended. */
  private isRestOfStream({ headers }: Message): boolean {
    return this.lastStream?.bare === true && headers[endpointKey] === undefined
  }

  private isLeftOver(frame: RequestFrame): boolean {
    const { lastStream } = this
    return lastStream?.endpoint === frame.endpoint && !lastStream.bare && lastStream.openingId !== frame.id
  }

  private next(failure: ServiceError | undefined): void {
    this.current = undefined
    this.options.onCall('ended', failure)
    if (this.advancing) return // a call that was answered at once: the loop below goes on
    this.advancing = true
    this.serveWaiting()
    this.advancing = false
    if (!this.busy && (this.inputOver || this.draining)) this.endOutput()
  }

  /** Each message that waits opens a call, or belongs to the stream that one before it has opened. */
  private serveWaiting(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (this.ended) next.ack()
      else if (this.current === undefined) this.begin(next)
      else if (!this.current.takes(next)) return void this.waiting.unshift(next)
    }
    if (this.inputOver) this.current?.inputEnded()
  }

  private refuseContentType(delivery: Delivery<Message>): void {
    // Like go-micro the connection ends (PROTOCOL section 2.6).
    this.outbox.send(unknownContentType(delivery.value))
    delivery.ack()
    this.endOutput()
  }

  private refuse(
    delivery: Delivery<Message>,
    format: Format,
    frame: Pick<RequestFrame, 'id' | 'endpoint'>,
    error: ServiceError,
    final: boolean,
  ): void {
    this.outbox.send(errorMessage(format, frame, error.toWire()))
    delivery.ack()
    if (final) this.endOutput()
  }

  private endOutput(): void {
    if (this.ended) return
    this.ended = true
    this.outbox.end()
  }

  private close(reason?: ServiceError): void {
    if (this.subscriptions.closed) return
    this.subscriptions.unsubscribe()
    this.outbox.close()
    this.waiting.length = 0
    const { current } = this
    this.current = undefined
    if (current !== undefined) {
      const cause =
        reason ?? new ServiceError('cancelled', `the connection of ${this.channel.peer} was closed`)
      current.cancel(cause)
      this.options.onCall('ended', cause)
    }
    this.options.onClosed()
  }
}

export type { EndpointTable }
