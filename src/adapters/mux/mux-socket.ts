import { ServiceError, type SharedStats } from '../../streams/index.js'
import { Multiplexer, type MuxLimits, type MuxStream, type StreamHandler } from '../../wire/mux.js'
import type { Swept } from '../sweep.js'
import { OwnBytes } from './own-bytes.js'
import type { Pipe, PipeEvents } from './pipe.js'

/** What a pipe with a multiplexer on it tells its owner. */
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
  /** The pipe is closed. Comes last, once. */
  gone(): void
}

/** How a {@link MuxSocket} is made. */
export interface MuxSocketParts {
  readonly pipe: Pipe
  readonly peer: string
  readonly dialled: boolean
  readonly limits: MuxLimits
  readonly owner: MuxOwner
  readonly now: () => number
  readonly lingerMs: number
}

/** How much goes to the pipe at once: more than it takes would wait there, where small messages cannot pass. */
const writeBytes = 256 * 1024

/** A multiplexer over a pipe: one write for each turn of the event loop, and none while the pipe is full. */
export class MuxSocket implements Swept, PipeEvents {
  readonly mux: Multiplexer
  /** For what is held of what came. */
  readonly own = new OwnBytes()
  readonly peer: string
  private flushing = false
  private blocked = false
  private endedAt: number | undefined
  private failure: ServiceError | undefined

  constructor(private readonly parts: MuxSocketParts) {
    const { owner, limits, dialled } = parts
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
    parts.pipe.open(this)
  }

  /** Begins: says what is allowed here, and reads. */
  start(): void {
    this.schedule()
    this.parts.pipe.start()
  }

  /** The numbers of this moment. */
  get stats(): Omit<SharedStats, 'suspect'> {
    const { stats } = this.mux
    return { ...stats, peer: this.peer, queuedBytes: stats.queuedBytes + this.parts.pipe.waitingBytes }
  }

  /** Closes after what was written; what the peer still sends is read and thrown away until it closes, too. */
  end(): void {
    if (this.endedAt !== undefined) return
    this.flush()
    this.write(this.mux.takeWritten()) // also when the pipe is full: a go-away must not be lost
    this.endedAt = this.parts.now()
    this.parts.pipe.end()
  }

  /** Closes now: what is under way breaks with `error`. */
  abort(error: ServiceError): void {
    this.mux.lost(error)
    this.parts.pipe.destroy()
  }

  sweep(): void {
    const { now, lingerMs, pipe } = this.parts
    if (this.endedAt === undefined) this.mux.tick(now())
    else if (now() - this.endedAt > lingerMs) pipe.destroy()
  }

  data(bytes: Uint8Array): void {
    this.mux.receive(bytes)
  }

  drained(): void {
    this.blocked = false
    this.mux.writable = true
    this.flush()
  }

  ended(): void {
    this.mux.lost(new ServiceError('unavailable', `${this.peer} closed the connection`))
    this.end()
  }

  failed(error: ServiceError): void {
    this.failure ??= error
  }

  misused(error: ServiceError): void {
    this.failed(error)
    this.parts.owner.failed(error)
  }

  closed(): void {
    const gone = new ServiceError('unavailable', `the connection to ${this.peer} was closed`)
    this.mux.lost(this.failure ?? gone)
    this.parts.owner.gone()
  }

  private schedule(): void {
    if (this.flushing || this.blocked) return
    this.flushing = true
    this.parts.pipe.atEndOfTurn(this.flush)
  }

  private readonly flush = (): void => {
    this.flushing = false
    if (!this.blocked) this.write(this.mux.take(writeBytes))
  }

  private write(pieces: readonly Uint8Array[]): void {
    if (pieces.length === 0 || this.endedAt !== undefined) return
    this.blocked = !this.parts.pipe.write(pieces)
    this.mux.writable = !this.blocked
  }
}
