import { Subject } from 'rxjs'
import {
  Inbox,
  SendCredit,
  ServiceError,
  type Channel,
  type Message,
  type SendLimits,
} from '../../../streams/index.js'
import type { ConnectionHandler, HttpConnection } from './connection.js'

/** What differs between the two ends of a channel. */
export interface ChannelSide<M extends Message> {
  /** The head of a message that is sent; `retiring` asks the peer to start nothing further. Throws `bad_request` for headers that HTTP cannot carry. */
  head(message: Message, retiring: boolean): string
  /** What a message that was received looks like to the subscriber. */
  read(message: M): Message
  /** Whether the peer sends nothing further after this message. */
  isLast(message: M): boolean
  /** The peer broke the protocol: tells it and closes. */
  refuse(connection: HttpConnection<M>, error: ServiceError): void
}

/**
 * A connection as a {@link Channel}: go-micro's wire has one for each (PROTOCOL section 2.7). A full window pauses the socket; `end` is TCP's
 * half-close, `abort` a reset.
 */
export class HttpChannel<M extends Message> implements Channel, ConnectionHandler<M> {
  readonly peer: string
  private readonly inbox = new Inbox<Message>(() => this.answered())
  readonly incoming = this.inbox.incoming
  private readonly credit: SendCredit
  readonly demand
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private retiring = false
  private sendEnded = false
  private peerDone = false
  private finished = false

  constructor(
    private readonly connection: HttpConnection<M>,
    private readonly side: ChannelSide<M>,
    private readonly window: SendLimits,
  ) {
    this.peer = connection.peer
    this.credit = new SendCredit(window)
    this.demand = this.credit.demand
  }

  /** Whether a message was received and not answered. */
  get isBusy(): boolean {
    return this.inbox.held > 0
  }

  get wantsMore(): boolean {
    return this.inbox.held < this.window.messages && this.inbox.heldBytes < this.window.bytes
  }

  send(message: Message): void {
    if (this.finished) return
    if (this.sendEnded) throw new ServiceError('internal', `send to ${this.peer} after end`)
    const head = this.side.head(message, this.retiring)
    this.credit.take(message.body.byteLength)
    this.connection.write(head, message.body)
  }

  end(): void {
    if (this.sendEnded || this.finished) return
    this.sendEnded = true
    this.credit.finish()
    this.connection.end()
  }

  abort(error: ServiceError): void {
    if (this.finished) return
    this.inbox.abort(error)
    this.finish()
    this.connection.reset()
  }

  retire(): void {
    this.retiring = true
  }

  message(message: M): void {
    const last = this.side.isLast(message)
    if (last) this.retiring = true
    this.inbox.push(this.side.read(message), message.body.byteLength)
    if (!last || this.finished) return
    this.connection.stopReading()
    this.peerEnded()
  }

  peerEnded(): void {
    this.peerDone = true
    this.inbox.finish()
  }

  written(pendingBytes: number): void {
    this.credit.refill(0, pendingBytes)
  }

  broken(error: ServiceError): void {
    this.side.refuse(this.connection, error)
    this.inbox.finish(error)
    this.finish(error)
  }

  gone(error: ServiceError | undefined): void {
    if (error === undefined && this.sendEnded && this.peerDone) return this.finish()
    const broke = error ?? new ServiceError('unavailable', `the connection to ${this.peer} was closed`)
    this.inbox.finish(broke)
    this.finish(broke)
  }

  private answered(): void {
    const { connection, inbox, window } = this
    if (!connection.isPaused) return
    if (inbox.held * 2 <= window.messages && inbox.heldBytes * 2 <= window.bytes) connection.resume()
  }

  private finish(error?: ServiceError): void {
    if (this.finished) return
    this.finished = true
    this.credit.finish()
    if (error === undefined) this.ending.complete()
    else this.ending.error(error)
  }
}
