import { Subject } from 'rxjs'
import {
  ServiceError,
  type Cancel,
  type Channel,
  type Link,
  type Message,
  type ReplySink,
  type SendLimits,
} from '../../../streams/index.js'
import { statusKey, type HttpResponse } from '../../../wire/http1.js'
import { HttpChannel, type ChannelSide } from './channel.js'
import type { ConnectionHandler, HttpConnection } from './connection.js'

/** What a link needs to know of its transport. */
export interface LinkSettings {
  /** Writes the head of a request to the address that was dialled. */
  readonly head: (message: Message) => string
  readonly window: SendLimits
  /** Told of what the peer did wrong while nobody waited for it. */
  readonly fault: (error: ServiceError) => void
}

/** A connection of a client: one request at a time, or one channel and then it is used up (PROTOCOL section 2.4). */
export class HttpLink implements Link, ConnectionHandler<HttpResponse> {
  readonly wantsMore = true
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private connection: HttpConnection<HttpResponse> | undefined
  private sink: ReplySink | undefined
  private channel: HttpChannel<HttpResponse> | undefined
  private retired = false

  constructor(
    readonly peer: string,
    private readonly settings: LinkSettings,
  ) {}

  /** Gives the link its connection, once. */
  attach(connection: HttpConnection<HttpResponse>): void {
    this.connection = connection
  }

  get room(): number {
    return this.retired || this.sink !== undefined ? 0 : 1
  }

  request(message: Message, sink: ReplySink): Cancel {
    const connection = this.claim()
    this.sink = sink
    try {
      connection.write(this.settings.head(message), message.body)
    } catch (error) {
      queueMicrotask(() => this.fail(sink, ServiceError.from(error), false))
    }
    return () => {
      if (this.sink !== sink) return
      this.sink = undefined
      this.retired = true
      connection.reset()
    }
  }

  open(): Channel {
    const connection = this.claim()
    this.retired = true
    const channel = new HttpChannel(connection, this.side(), this.settings.window)
    const done = () => this.ending.complete()
    channel.closed.subscribe({ error: done, complete: done })
    connection.handler = channel
    this.channel = channel
    return channel
  }

  retire(): void {
    if (this.retired) return
    this.retired = true
    if (this.sink === undefined) this.connection?.close()
  }

  abort(error: ServiceError): void {
    if (this.channel !== undefined) return this.channel.abort(error)
    this.breakOff(error)
  }

  message(response: HttpResponse): void {
    const { connection, sink } = this
    if (connection === undefined || sink === undefined) {
      this.violation(new ServiceError('bad_request', `${this.peer} answered without a request`))
      return
    }
    this.sink = undefined
    if (response.last) this.retired = true
    if (this.retired) connection.close()
    sink.reply(asMessage(response))
  }

  peerEnded(): void {
    this.retired = true
    this.connection?.close()
    this.failPending(new ServiceError('unavailable', `${this.peer} closed the connection without an answer`))
  }

  written(): void {
    // A request is one message: there is no demand to tell.
  }

  broken(error: ServiceError): void {
    this.violation(error)
  }

  gone(error: ServiceError | undefined): void {
    this.retired = true
    this.failPending(error ?? new ServiceError('unavailable', `the connection to ${this.peer} was closed`))
    this.ending.complete()
  }

  private claim(): HttpConnection<HttpResponse> {
    if (this.room === 0 || this.connection === undefined) {
      throw new ServiceError('internal', `the link to ${this.peer} has no room: look at room before`)
    }
    return this.connection
  }

  private violation(error: ServiceError): void {
    if (this.sink === undefined) this.settings.fault(error)
    this.breakOff(error)
  }

  private breakOff(error: ServiceError): void {
    this.retired = true
    this.failPending(error)
    this.connection?.reset()
  }

  private failPending(error: ServiceError): void {
    if (this.sink !== undefined) this.fail(this.sink, error, this.connection?.hasUnsent !== true)
  }

  private fail(sink: ReplySink, error: ServiceError, sent: boolean): void {
    if (this.sink !== sink) return
    this.sink = undefined
    sink.fail(error, sent)
  }

  private side(): ChannelSide<HttpResponse> {
    return {
      head: message => this.settings.head(message),
      read: asMessage,
      isLast: () => false,
      refuse: connection => connection.reset(),
    }
  }
}

/** A status other than 200 travels in the headers, because the body is an answer all the same (PROTOCOL section 16). */
function asMessage(response: HttpResponse): Message {
  if (response.status === 200) return response
  const { headers, body, status, reason } = response
  return { headers: { ...headers, [statusKey]: `${status} ${reason}`.trimEnd() }, body }
}
