import { Subject } from 'rxjs'
import {
  Inbox,
  SendCredit,
  ServiceError,
  type Channel,
  type Message,
  type SendLimits,
} from '../../streams/index.js'
import {
  resetCode,
  type Multiplexer,
  type MuxStream,
  type StreamFailure,
  type StreamHandler,
} from '../../wire/mux.js'
import type { OwnBytes } from './own-bytes.js'

/** The connection that a channel is on. */
export interface ChannelCarrier {
  readonly peer: string
  readonly mux: Multiplexer
  readonly own: OwnBytes
  /** Tells the peer to open nothing more. */
  retire(): void
}

/**
 * A stream of the fast lane as a {@link Channel}. The peer's credit bounds what is on its way and not yet consumed there; what waits for
 * credit here is bounded by the window, and demand is what is free in it.
 */
export class MuxChannel implements Channel, StreamHandler {
  readonly peer: string
  private readonly inbox = new Inbox<Message>(() => this.answered())
  readonly incoming = this.inbox.incoming
  private readonly credit: SendCredit
  readonly demand
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private stream: MuxStream | undefined
  private sendEnded = false
  private finished = false
  private unread = { messages: 0, bytes: 0 }

  constructor(
    private readonly carrier: ChannelCarrier,
    window: SendLimits,
  ) {
    this.peer = carrier.peer
    this.credit = new SendCredit(window)
    this.demand = this.credit.demand
  }

  /** Gives it its stream, once. */
  attach(stream: MuxStream): void {
    this.stream = stream
  }

  send(message: Message): void {
    const { stream } = this
    if (this.finished || stream === undefined) return
    if (this.sendEnded) throw new ServiceError('internal', `send to ${this.peer} after end`)
    this.credit.take(message.body.byteLength)
    this.carrier.mux.send(stream, message, stream.call)
  }

  end(): void {
    if (this.sendEnded || this.finished || this.stream === undefined) return
    this.sendEnded = true
    this.credit.finish()
    this.carrier.mux.end(this.stream)
  }

  abort(error: ServiceError): void {
    if (this.finished) return
    const { stream } = this
    this.inbox.abort(error)
    if (stream !== undefined) this.carrier.mux.reset(stream, resetCode.cancelled, error.message)
    this.finish()
  }

  retire(): void {
    if (!this.finished) this.carrier.retire()
  }

  received(message: Message, bytes: number): void {
    this.unread.messages += 1
    this.unread.bytes += bytes
    // Who answers within `next` holds nothing, and pays for no copy.
    const { inbox } = this
    const holds = inbox.held > 0
    if (holds) this.own(message)
    inbox.push(message, bytes)
    if (!holds && inbox.held > 0) this.own(message)
  }

  ended(): void {
    this.inbox.finish()
  }

  over(): void {
    this.finish()
  }

  broken({ error }: StreamFailure): void {
    const { kind, detail } = error
    const broke =
      kind === 'unavailable' || kind === 'bad_request' ? error : new ServiceError('unavailable', detail)
    this.inbox.finish(broke)
    this.finish(broke)
  }

  sent(): void {
    const { stream } = this
    if (stream === undefined) return
    const waiting = stream.queue.length + (stream.current === undefined ? 0 : 1)
    this.credit.refill(waiting, stream.queuedBytes)
  }

  /** What was consumed since the last time is told to the peer. */
  private answered(): void {
    const { inbox, unread, stream } = this
    const messages = unread.messages - inbox.held
    const bytes = unread.bytes - inbox.heldBytes
    this.unread = { messages: inbox.held, bytes: inbox.heldBytes }
    if (stream !== undefined) this.carrier.mux.consumed(stream, messages, bytes)
  }

  private own(message: { body: Uint8Array }): void {
    message.body = this.carrier.own.of(message.body)
  }

  private finish(error?: ServiceError): void {
    if (this.finished) return
    this.finished = true
    this.credit.finish()
    if (error === undefined) this.ending.complete()
    else this.ending.error(error)
  }
}
