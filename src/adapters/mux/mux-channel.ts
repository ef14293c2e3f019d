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
 * A stream of the fast lane as a {@link Channel}. The peer's credit bounds what is on its way and not yet consumed there, and demand is what is left of it, a few
 * messages at a time; what waits for credit here all the same is bounded by the window.
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
  /** What came and was not given back to the peer. */
  private owedMessages = 0
  private owedBytes = 0

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
    // A source that takes turns of the microtask queue would else have a write to itself for each batch of credit.
    if (this.starved) queueMicrotask(this.askForMore)
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
    this.owedMessages += 1
    this.owedBytes += bytes
    // A message that is answered by another, as in an echo, goes on at once where all those before it have been written: it need not be held until they have left.
    if (this.starved) this.sent()
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
    // Not beyond the peer's credit: what would only wait here is not asked of its source yet.
    const allowed = stream.sendBytes > 0 ? stream.sendMessages - waiting : 0
    this.credit.refill(waiting, stream.queuedBytes, allowed)
  }

  /** All that its source was asked for has been written. */
  private get starved(): boolean {
    return this.credit.available === 0 && this.stream?.queue.length === 0
  }

  /** What was written need not leave before there is more, unless it is worth a write. */
  private readonly askForMore = (): void => {
    if (this.starved && this.carrier.mux.wantsMore) this.sent()
  }

  /** What was consumed since the last time is told to the peer. */
  private answered(): void {
    const { inbox, stream } = this
    const messages = this.owedMessages - inbox.held
    const bytes = this.owedBytes - inbox.heldBytes
    this.owedMessages = inbox.held
    this.owedBytes = inbox.heldBytes
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
