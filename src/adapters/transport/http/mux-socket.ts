import type { Socket } from 'node:net'
import { nextTick } from 'node:process'
import { ServiceError } from '../../../streams/index.js'
import { Multiplexer, type MuxLimits, type MuxStream, type StreamHandler } from '../../../wire/mux.js'
import { fromNodeError } from '../../node-error.js'
import type { Swept } from './sweep.js'

/** What a socket with a multiplexer on it tells its owner. */
export interface MuxOwner {
  /** The peer has said what it allows. */
  ready(): void
  /** The peer has opened a stream. */
  opened(stream: MuxStream): StreamHandler
  /** No stream is open any more. */
  idle(): void
  /** The peer takes no further streams. */
  goneAway(): void
  /** The peer has not answered in time, or is heard of again. */
  suspected(suspect: boolean): void
  /** The peer broke a rule, or is silent for good. */
  failed(error: ServiceError): void
  /** The socket is closed. Comes last, once. */
  gone(): void
}

/** How a {@link MuxSocket} is made. */
export interface MuxSocketParts {
  readonly socket: Socket
  readonly peer: string
  readonly dialled: boolean
  readonly limits: MuxLimits
  readonly owner: MuxOwner
  readonly now: () => number
  readonly lingerMs: number
}

/** How much goes to the socket at once: more than it takes would wait there, where small messages cannot pass. */
const writeBytes = 256 * 1024

/** A multiplexer over a TCP or TLS socket: one write for each turn of the event loop, and none while the socket is full. */
export class MuxSocket implements Swept {
  readonly mux: Multiplexer
  readonly peer: string
  private flushing = false
  private blocked = false
  private endedAt: number | undefined
  private failure: ServiceError | undefined

  constructor(private readonly parts: MuxSocketParts) {
    const { socket, owner, limits, dialled } = parts
    this.peer = parts.peer
    this.mux = new Multiplexer(dialled, limits, {
      ready: () => owner.ready(),
      output: () => this.schedule(),
      plenty: () => this.write(this.mux.takeWritten()),
      opened: stream => owner.opened(stream),
      idle: () => owner.idle(),
      goneAway: () => owner.goneAway(),
      suspected: suspect => owner.suspected(suspect),
      failed: error => {
        owner.failed(error)
        this.end()
      },
    })
    socket.on('data', this.onData)
    socket.on('end', this.onEnd)
    socket.on('drain', this.onDrain)
    socket.on('error', this.onError)
    socket.on('close', this.onClose)
  }

  /** Begins: says what is allowed here, and reads what came behind the handshake. */
  start(rest: Uint8Array): void {
    this.schedule()
    if (rest.length > 0) this.mux.receive(rest)
    this.parts.socket.resume()
  }

  /** Closes after what was written; what the peer still sends is read and thrown away until it closes, too. */
  end(): void {
    if (this.endedAt !== undefined) return
    this.flush()
    this.write(this.mux.takeWritten()) // also when the socket is full: a go-away must not be lost
    this.endedAt = this.parts.now()
    this.parts.socket.end()
  }

  /** Closes now: what is under way breaks with `error`. */
  abort(error: ServiceError): void {
    this.mux.lost(error)
    this.parts.socket.destroy()
  }

  sweep(): void {
    const { now, lingerMs, socket } = this.parts
    if (this.endedAt === undefined) this.mux.tick(now())
    else if (now() - this.endedAt > lingerMs) socket.destroy()
  }

  private schedule(): void {
    if (this.flushing || this.blocked) return
    this.flushing = true
    nextTick(this.flush)
  }

  private readonly flush = (): void => {
    this.flushing = false
    if (!this.blocked) this.write(this.mux.take(writeBytes))
  }

  private write(pieces: readonly Uint8Array[]): void {
    const { socket } = this.parts
    if (pieces.length === 0 || this.endedAt !== undefined || socket.destroyed) return
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) this.blocked = !socket.write(piece)
    if (pieces.length > 1) socket.uncork()
    this.mux.writable = !this.blocked
  }

  private readonly onData = (chunk: Uint8Array): void => this.mux.receive(chunk)

  private readonly onDrain = (): void => {
    this.blocked = false
    this.mux.writable = true
    this.flush()
  }

  private readonly onEnd = (): void => {
    this.mux.lost(new ServiceError('unavailable', `${this.peer} closed the connection`))
    this.end()
  }

  private readonly onError = (error: Error): void => {
    this.failure ??= fromNodeError(`connection to ${this.peer}`, error)
  }

  private readonly onClose = (): void => {
    const gone = new ServiceError('unavailable', `the connection to ${this.peer} was closed`)
    this.mux.lost(this.failure ?? gone)
    this.parts.owner.gone()
  }
}
