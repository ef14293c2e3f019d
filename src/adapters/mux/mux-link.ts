import { BehaviorSubject, Subject } from 'rxjs'
import {
  ServiceError,
  type Cancel,
  type Channel,
  type Link,
  type Message,
  type ReplySink,
  type SendLimits,
  type SharedStats,
} from '../../streams/index.js'
import {
  resetCode,
  type Multiplexer,
  type MuxStream,
  type StreamFailure,
  type StreamHandler,
} from '../../wire/mux.js'
import { MuxChannel } from './mux-channel.js'
import type { MuxOwner, MuxSocket } from './mux-socket.js'

/** A connection of a client over the fast lane: many requests and channels at once. */
export class MuxLink implements Link, MuxOwner {
  readonly shared = true
  readonly bare = true
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()
  private readonly silence = new BehaviorSubject(false)
  readonly suspect = this.silence.asObservable()
  private socket: MuxSocket | undefined
  private retired = false

  constructor(
    readonly peer: string,
    private readonly window: SendLimits,
    private readonly isReady: () => void,
    private readonly fault: (error: ServiceError) => void,
  ) {}

  /** Gives the link its connection, once. */
  attach(socket: MuxSocket): void {
    this.socket = socket
  }

  get room(): number {
    return this.retired || this.socket === undefined ? 0 : this.socket.mux.room
  }

  stats(): SharedStats | undefined {
    const { socket, silence } = this
    return socket === undefined ? undefined : { ...socket.stats, suspect: silence.value }
  }

  request(message: Message, sink: ReplySink): Cancel {
    const { mux } = this.claim()
    const call = new PendingCall(mux, sink, this.peer)
    call.send(message)
    return () => call.cancel()
  }

  open(): Channel {
    const { mux, own } = this.claim()
    const channel = new MuxChannel({ peer: this.peer, mux, own, retire: () => undefined }, this.window)
    channel.attach(mux.open(channel, false))
    return channel
  }

  retire(): void {
    this.retired = true
    this.idle()
  }

  abort(error: ServiceError): void {
    this.retired = true
    this.socket?.abort(error)
  }

  ready(): void {
    this.isReady()
  }

  /** A listener opens nothing on this wire; if it does, it is told so. */
  opened(stream: MuxStream): StreamHandler {
    const { socket } = this
    queueMicrotask(() => socket?.mux.reset(stream, resetCode.refused, 'nothing is served here'))
    return ignored
  }

  idle(): void {
    if (this.retired && this.socket?.mux.streams === 0) this.socket.end()
  }

  goneAway(): void {
    this.retire()
  }

  suspected(suspect: boolean): void {
    this.silence.next(suspect)
  }

  failed(error: ServiceError): void {
    this.retired = true
    this.fault(error)
  }

  gone(): void {
    this.retired = true
    this.silence.complete()
    this.ending.complete()
  }

  private claim(): MuxSocket {
    // The multiplexer says so where there is no room: it is asked often enough.
    if (this.retired || this.socket === undefined) {
      throw new ServiceError('internal', `the link to ${this.peer} has no room: look at room before`)
    }
    return this.socket
  }
}

const nothing = (): void => undefined
const ignored: StreamHandler = {
  received: nothing,
  ended: nothing,
  broken: nothing,
  over: nothing,
  sent: nothing,
}

/** A request that waits for its reply. */
class PendingCall implements StreamHandler {
  private readonly stream: MuxStream
  private open = true

  constructor(
    private readonly mux: Multiplexer,
    private readonly sink: ReplySink,
    private readonly peer: string,
  ) {
    this.stream = mux.open(this, true)
  }

  send(message: Message): void {
    try {
      this.mux.send(this.stream, message, true)
    } catch (failure) {
      // The outcome of a request never comes within it.
      queueMicrotask(() => {
        this.mux.reset(this.stream, resetCode.cancelled, '')
        this.fail(ServiceError.from(failure), false)
      })
    }
  }

  cancel(): void {
    if (!this.open) return
    this.open = false
    this.mux.reset(this.stream, resetCode.cancelled, 'the request was cancelled')
  }

  received(message: Message): void {
    if (!this.open) return
    this.open = false
    // An answer that came before the request was out ends it.
    this.mux.reset(this.stream, resetCode.cancelled, 'the answer came first')
    this.sink.reply(message)
  }

  ended(): void {
    this.mux.reset(this.stream, resetCode.cancelled, '')
    this.fail(new ServiceError('unavailable', `${this.peer} ended the call without an answer`), true)
  }

  broken({ error, sent }: StreamFailure): void {
    this.fail(error, sent)
  }

  suspected(): void {
    if (this.open) this.sink.suspected?.()
  }

  over(): void {
    // The reply follows, or has come.
  }

  sent(): void {
    // A request is one message: there is no demand to tell.
  }

  private fail(error: ServiceError, sent: boolean): void {
    if (!this.open) return
    this.open = false
    this.sink.fail(error, sent)
  }
}
