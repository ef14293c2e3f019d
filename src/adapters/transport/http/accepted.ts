import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ServiceError, emptyBody, phraseOf, type Message } from '../../../streams/index.js'
import { HeadWriter, statusKey, type HttpRequest } from '../../../wire/http1.js'
import { knownUpgrade } from './admission.js'
import { HttpChannel, type ChannelSide } from './channel.js'
import type { ConnectionHandler, HttpConnection } from './connection.js'
import { fastLaneToken } from '../../fast-lane.js'
import type { ResolvedHttpOptions } from './options.js'
import { asMessage } from './probe.js'
import type { Swept } from '../../sweep.js'

/** Who takes over what an accepted connection turns out to be. */
export interface Reception {
  channel(channel: HttpChannel<HttpRequest>): void
  upgrade(token: string, socket: Duplex, request: HttpRequest, rest: Uint8Array): void
  fastLane(socket: Socket, rest: Uint8Array): void
  webSocket(socket: Socket, request: HttpRequest, rest: Uint8Array): void
  fault(error: ServiceError): void
}

/**
 * A connection that a listener accepted. Until its first request is whole it is nobody's; then it becomes a channel, or is
 * handed over when the request asks for another protocol.
 */
export class Accepted implements ConnectionHandler<HttpRequest>, Swept {
  readonly wantsMore = true
  private readonly writer = new HeadWriter()
  private channel: HttpChannel<HttpRequest> | undefined
  private connection: HttpConnection<HttpRequest> | undefined
  private sweepsInHead = 0
  private sweepsLingering = 0

  constructor(
    private readonly reception: Reception,
    private readonly options: ResolvedHttpOptions,
    private readonly periodMs: number,
    private readonly acceptsWebSockets: boolean,
  ) {}

  /** Gives it its connection, once. */
  attach(connection: HttpConnection<HttpRequest>): void {
    this.connection = connection
  }

  message(request: HttpRequest): void {
    const { connection } = this
    if (connection === undefined) return
    const token = knownUpgrade(request, this.options, this.acceptsWebSockets)
    if (token !== undefined) {
      const { socket, rest } = connection.detach()
      this.connection = undefined
      if (Object.hasOwn(this.options.upgrades, token)) this.reception.upgrade(token, socket, request, rest)
      else if (token === fastLaneToken) this.reception.fastLane(socket, rest)
      else this.reception.webSocket(socket, request, rest)
    } else if (request.version === '2.0') {
      this.broken(new ServiceError('bad_request', 'HTTP/2 is not spoken here', { code: 505 }))
    } else {
      const { windowMessages, windowBytes } = this.options
      this.channel = new HttpChannel(connection, this.side(), {
        messages: windowMessages,
        bytes: windowBytes,
      })
      connection.handler = this.channel
      this.reception.channel(this.channel)
      this.channel.message(request)
    }
  }

  peerEnded(): void {
    this.connection?.close()
  }

  written(): void {
    // Nothing is written before there is a channel.
  }

  broken(error: ServiceError): void {
    if (this.connection === undefined) return
    this.reception.fault(error)
    this.refuse(this.connection, error)
  }

  gone(): void {
    // A peer that connects and leaves is nobody's concern.
  }

  /** Closes it if it is still nobody's: the listener has gone. */
  closeIfSilent(): void {
    if (this.channel === undefined) this.connection?.reset()
  }

  sweep(): void {
    const { connection, options, periodMs } = this
    if (connection === undefined) return
    connection.quietFor += 1
    this.sweepsInHead = connection.inHead ? this.sweepsInHead + 1 : 0
    this.sweepsLingering = connection.lingers ? this.sweepsLingering + 1 : 0
    if (this.sweepsLingering * periodMs > options.lingerMs) connection.reset()
    else if (this.sweepsInHead * periodMs > options.headerTimeoutMs) this.tooSlow(connection)
    else if (connection.quietFor * periodMs > options.idleTimeoutMs) this.closeIfIdle(connection)
  }

  private tooSlow(connection: HttpConnection<HttpRequest>): void {
    const { headerTimeoutMs } = this.options
    const error = new ServiceError('timeout', `the head of a request took more than ${headerTimeoutMs} ms`)
    connection.stopReading()
    connection.handler.broken(error)
  }

  private closeIfIdle(connection: HttpConnection<HttpRequest>): void {
    if (this.channel?.isBusy === true || connection.lingers) return
    connection.close()
  }

  private side(): ChannelSide<HttpRequest> {
    return {
      head: (message, retiring) => this.writer.response(message, retiring),
      read: asMessage,
      isLast: request => request.last,
      refuse: (connection, error) => this.refuse(connection, error),
    }
  }

  /** Answers as HTTP can and closes once the peer has read it. */
  private refuse(connection: HttpConnection<HttpRequest>, error: ServiceError): void {
    const body = Buffer.from(`${error.message}\n`)
    const headers = { 'Content-Type': 'text/plain', [statusKey]: `${error.code} ${phraseOf(error.code)}` }
    const answer: Message = { headers, body: body.byteLength > 0 ? body : emptyBody }
    connection.write(this.writer.response(answer, true), body)
    connection.end()
    connection.stopReading()
  }
}
