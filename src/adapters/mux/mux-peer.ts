import { Subject } from 'rxjs'
import {
  ServiceError,
  emptyBody,
  type Channel,
  type IncomingCall,
  type Message,
  type SendLimits,
  type ServedCall,
  type SharedConnection,
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
import type { OwnBytes } from './own-bytes.js'

/** Who hears what a peer does. */
export interface PeerReception {
  channel(channel: Channel): void
  fault(error: ServiceError): void
}

/** What a call has as long as its message has not come. */
const none: Message = { headers: {}, body: emptyBody }

type Serve = (call: IncomingCall) => ServedCall

/** A connection that a listener has taken over the fast lane. */
export class MuxPeer implements SharedConnection, MuxOwner {
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()
  private socket: MuxSocket | undefined
  private serve: Serve | undefined
  private retired = false
  private suspect = false

  constructor(
    readonly peer: string,
    private readonly window: SendLimits,
    private readonly reception: PeerReception,
    /** The origin of the web page that it is from. */
    readonly origin: string | undefined,
  ) {}

  /** Gives it its connection, once. */
  attach(socket: MuxSocket): void {
    this.socket = socket
  }

  stats(): SharedStats | undefined {
    const { socket, suspect } = this
    return socket === undefined ? undefined : { ...socket.stats, suspect }
  }

  serveCalls(serve: Serve): void {
    this.serve = serve
  }

  retire(): void {
    if (this.retired || this.socket === undefined) return
    this.retired = true
    this.socket.mux.goAway()
    this.idle()
  }

  abort(error: ServiceError): void {
    this.socket?.abort(error)
  }

  ready(): void {
    // Nothing is opened from this side.
  }

  opened(stream: MuxStream): StreamHandler {
    const { socket, serve } = this
    if (socket === undefined) throw new ServiceError('internal', 'a stream before its connection')
    const { mux, own } = socket
    if (stream.call && serve !== undefined) return new AcceptedCall(stream, mux, own, this, serve)
    const window = stream.call ? { ...this.window, messages: 1 } : this.window
    const channel = new MuxChannel({ peer: this.peer, mux, own, retire: () => this.retire() }, window)
    channel.attach(stream)
    // Whoever gets it may abort it at once: its stream has to be known before.
    queueMicrotask(() => this.reception.channel(channel))
    return channel
  }

  idle(): void {
    if (this.retired && this.socket?.mux.streams === 0) this.socket.end()
  }

  goneAway(): void {
    this.retire()
  }

  /** Nothing of a caller can go elsewhere from here: its calls wait until it answers or is given up. */
  suspected(suspect: boolean): void {
    this.suspect = suspect
  }

  failed(error: ServiceError): void {
    this.fault(error)
  }

  gone(): void {
    this.ending.complete()
  }

  /** Tells what went wrong and nobody waits for. */
  fault(error: ServiceError): void {
    this.reception.fault(error)
  }
}

/** A call that is being served: no channel, no Observable. */
class AcceptedCall implements IncomingCall, StreamHandler {
  readonly peer: string
  message = none
  private served: ServedCall | undefined

  constructor(
    private readonly stream: MuxStream,
    private readonly mux: Multiplexer,
    private readonly own: OwnBytes,
    private readonly connection: MuxPeer,
    private readonly serve: Serve,
  ) {
    this.peer = connection.peer
  }

  answer(message: Message): void {
    try {
      this.mux.send(this.stream, message, true)
    } catch (failure) {
      const error = ServiceError.from(failure)
      this.mux.reset(this.stream, resetCode.limit, error.message)
      this.connection.fault(error)
    }
  }

  received(message: { headers: Message['headers']; body: Uint8Array }): void {
    this.message = message
    this.served = this.serve(this)
    // What was not answered at once may be held for long.
    if (!this.stream.over) message.body = this.own.of(message.body)
  }

  /** A call without a request has nothing to be answered with. */
  ended(): void {
    this.mux.reset(this.stream, resetCode.protocol, 'a call without a request')
  }

  broken({ error }: StreamFailure): void {
    this.served?.cancel(error)
  }

  over(): void {
    // It was answered.
  }

  sent(): void {
    // An answer is one message: there is no demand to tell.
  }
}
