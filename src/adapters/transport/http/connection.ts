import type { Socket } from 'node:net'
import { nextTick } from '../../next-tick.js'
import type { ServiceError } from '../../../streams/index.js'
import type { HttpParser } from '../../../wire/http1.js'
import { fromNodeError } from '../../node-error.js'
import { WriteBatch } from '../../write-batch.js'

/** Who gets what a connection receives. `gone` comes last, once. */
export interface ConnectionHandler<M> {
  /** Whether the next message may be handed over now. When it is no, `resume` of the connection asks again. */
  readonly wantsMore: boolean
  message(message: M): void
  /** The peer has ended its direction, after its last message. */
  peerEnded(): void
  /** The bytes that were not yet taken by the system are this many now. */
  written(pendingBytes: number): void
  /** The peer broke the protocol. Nothing further is read; the handler says what becomes of the connection. */
  broken(error: ServiceError): void
  /** The socket is closed; with an error when it broke. */
  gone(error: ServiceError | undefined): void
}

/** What a connection is made of. For TLS, `raw` is the TCP socket under `socket`. */
export interface ConnectionParts<M> {
  readonly socket: Socket
  readonly raw: Socket
  readonly parser: HttpParser<M>
  readonly peer: string
  readonly handler: ConnectionHandler<M>
}

/** One socket with its parser: whole messages in, heads and bodies out, one write for each turn of the event loop. */
export class HttpConnection<M> {
  readonly peer: string
  /** Who gets what is received. May be replaced between messages. */
  handler: ConnectionHandler<M>
  /** How many sweeps have passed since a byte moved. */
  quietFor = 0

  private readonly socket: Socket
  private readonly raw: Socket
  private readonly parser: HttpParser<M>
  private readonly batch = new WriteBatch()
  private flushing = false
  private reading = false
  private paused = false
  private inputEnded = false
  private peerClosed = false
  private closed = false
  private left = false
  private state: 'open' | 'ended' | 'gone' = 'open'
  private failure: ServiceError | undefined

  constructor({ socket, raw, parser, peer, handler }: ConnectionParts<M>) {
    this.socket = socket
    this.raw = raw
    this.parser = parser
    this.peer = peer
    this.handler = handler
    socket.on('data', this.onData)
    socket.on('end', this.onEnd)
    socket.on('drain', this.onDrain)
    socket.on('error', this.onError)
    socket.on('close', this.onClose)
  }

  /** Whether the window is full, so that nothing is read. */
  get isPaused(): boolean {
    return this.paused
  }

  /** Whether something that was written has not been given to the system. */
  get hasUnsent(): boolean {
    return this.batch.bytes > 0
  }

  /** Whether the head of a message has begun to arrive and is not whole. */
  get inHead(): boolean {
    return !this.paused && this.parser.partial && !this.parser.hasHead
  }

  /** Whether all is said here and only the peer's end is waited for. */
  get lingers(): boolean {
    return this.state === 'ended' && this.inputEnded
  }

  /** Adds a message to what goes out at the end of this turn. */
  write(head: string, body: Uint8Array): void {
    if (this.state !== 'open') return
    this.batch.add(head, body)
    if (this.flushing) return
    this.flushing = true
    nextTick(this.flush)
  }

  /** Reads on after {@link ConnectionHandler.wantsMore} was false. */
  resume(): void {
    this.paused = false
    this.read()
    if (!this.paused) this.socket.resume()
  }

  /** Ends this direction after what was written; the other goes on. */
  end(): void {
    if (this.state !== 'open') return
    this.flush()
    this.state = 'ended'
    this.socket.end()
  }

  /** Takes nothing further from the peer; what it still sends is read and thrown away. */
  stopReading(): void {
    this.inputEnded = true
    this.parser.takeRest()
    this.paused = false
    this.socket.resume()
    this.leaveOnce()
  }

  /** Closes cleanly: what was written goes out, nothing is read any more. */
  close(): void {
    if (this.closed) return this.stopReading()
    if (this.state === 'gone') return
    this.end()
    this.inputEnded = true
    this.socket.destroySoon()
  }

  /** Closes now, in a way that the peer can tell from an end: a TCP reset. */
  reset(): void {
    if (this.closed) return this.stopReading()
    if (this.state === 'gone') return
    const ended = this.state === 'ended'
    this.state = 'gone'
    this.inputEnded = true
    this.batch.clear()
    this.parser.takeRest()
    if (this.socket === this.raw) this.resetPlain(ended)
    else this.resetTls(ended)
  }

  /** Gives the socket away: the bytes that were read and not used are returned. */
  detach(): { readonly socket: Socket; readonly rest: Uint8Array } {
    this.state = 'gone'
    const { socket } = this
    socket.off('data', this.onData).off('end', this.onEnd).off('drain', this.onDrain)
    socket.off('error', this.onError).off('close', this.onClose)
    socket.pause()
    return { socket, rest: this.parser.takeRest() }
  }

  private resetPlain(ended: boolean): void {
    const { raw } = this
    const reset = () => {
      if (!raw.destroyed) raw.resetAndDestroy()
    }
    // The system refuses a reset while a half-close is under way, which takes a moment.
    if (ended && !raw.writableFinished && raw.writableLength === 0) raw.once('finish', reset)
    else reset()
  }

  private resetTls(ended: boolean): void {
    const { socket, raw } = this
    // Node crashes when the TCP socket under a TLS socket goes within a callback of the latter, and loses it when
    // it is reset during the half-close, of which it does not tell.
    setImmediate(() => {
      if (!ended && !socket.destroyed && !raw.destroyed) raw.resetAndDestroy()
      socket.destroy()
    })
  }

  private readonly onData = (chunk: Buffer): void => {
    this.quietFor = 0
    if (this.inputEnded) return
    this.parser.push(chunk)
    this.read()
  }

  private readonly onEnd = (): void => {
    this.peerClosed = true
    if (!this.inputEnded) this.read()
  }

  private readonly onDrain = (): void => this.handler.written(this.socket.writableLength)

  private readonly onError = (error: Error): void => {
    this.failure ??= fromNodeError(`connection to ${this.peer}`, error)
  }

  private readonly onClose = (): void => {
    this.state = 'gone'
    this.closed = true
    // Whole messages may wait here for a reader who is behind: they come before an orderly end.
    if (this.failure !== undefined || !this.peerClosed) this.inputEnded = true
    this.leaveOnce()
  }

  /** Tells that the socket is closed, once nothing of the peer waits here any more. */
  private leaveOnce(): void {
    if (!this.closed || !this.inputEnded || this.left) return
    this.left = true
    this.handler.gone(this.failure)
  }

  private readonly flush = (): void => {
    this.flushing = false
    if (this.batch.bytes === 0) return
    this.quietFor = 0
    if (this.state === 'open') this.batch.writeTo(this.socket)
    else this.batch.clear()
    this.handler.written(this.socket.writableLength)
  }

  private read(): void {
    // A handler that answers within `message` can resume: only the outer call reads, so the order is kept.
    if (this.reading) return
    this.reading = true
    while (!this.inputEnded && this.handler.wantsMore && this.readOne()) {
      // each turn of the loop hands one message over
    }
    this.reading = false
    if (this.inputEnded || this.handler.wantsMore) return
    this.paused = true
    this.socket.pause()
  }

  /** Hands one message over; false when there is none. */
  private readOne(): boolean {
    let message: M | undefined
    try {
      message = this.peerClosed ? this.parser.finish() : this.parser.next()
    } catch (error) {
      this.inputEnded = true
      this.handler.broken(error as ServiceError)
      this.leaveOnce()
      return false
    }
    if (message !== undefined) {
      this.handler.message(message)
      return true
    }
    if (this.peerClosed) {
      this.inputEnded = true
      this.handler.peerEnded()
      this.leaveOnce()
    }
    return false
  }
}
