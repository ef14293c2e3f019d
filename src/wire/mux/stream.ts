import { Fifo } from '../../streams/fifo.js'
import type { Message, ServiceError } from '../../streams/index.js'
import type { MuxLimits } from './limits.js'

/** How a stream ended before its time. */
export interface StreamFailure {
  readonly error: ServiceError
  /** False: no handler of the peer saw it. */
  readonly sent: boolean
}

/** Who a stream belongs to on this side. */
export interface StreamHandler {
  /** A message came; `bytes` are to be given back with `consumed` (not on a call, where the multiplexer does it). */
  received(message: Message, bytes: number): void
  /** The peer sends nothing more. */
  ended(): void
  /** It is over: the peer has reset it, broke a rule on it, or the connection is gone. Nothing else is called afterwards. */
  broken(failure: StreamFailure): void
  /** It is over: both directions have ended. Nothing else is called afterwards, but on a call its message may still come. */
  over(): void
  /** Something that was sent has left the queue of the stream, or the peer allows more. */
  sent(): void
  /** The peer is silent and has not answered a ping: what may go elsewhere should. It may still come back. */
  suspected?(): void
}

/** A message on its way out. */
export interface Outgoing {
  readonly block: Uint8Array
  readonly body: Uint8Array
}

/** A message on its way in that did not fit one frame. */
export interface Assembly {
  readonly headers: Message['headers']
  readonly length: number
  readonly bodyBytes: number
  body: Uint8Array
  filled: number
}

/** What a side may send on a stream before it is consumed. */
type StreamWindow = Pick<MuxLimits, 'streamMessages' | 'streamBytes'>

/** A stream without a limit of its own: the connection's holds. */
const unlimited = 0x7fffffff

/** The state of one stream. Its fields are the multiplexer's; others look at `call`, `id`, `over` and the queue. */
export class MuxStream {
  /** 0 until its first frame is written: ids go out in order. */
  id = 0
  handler: StreamHandler | undefined
  over = false

  sendMessages = 0
  sendBytes = 0
  readonly queue = new Fifo<Outgoing>()
  queuedBytes = 0
  current: Outgoing | undefined
  offset = 0
  inRing = false
  toldSent = false
  sendEnded = false
  endWritten = false

  mayReceiveMessages = 0
  mayReceiveBytes = 0
  heldMessages = 0
  heldBytes = 0
  callBytes = 0
  owedMessages = 0
  owedBytes = 0
  owing = false
  assembly: Assembly | undefined
  peerEnded = false

  constructor(
    /** One message each way. */
    readonly call: boolean,
    /** Opened on this side. */
    readonly own: boolean,
  ) {}

  /** Gives both sides their first credit. A call is one message each way, which the credit of the connection bounds. */
  allow(peers: StreamWindow | undefined, own: StreamWindow): void {
    this.sendMessages = this.call ? 1 : (peers?.streamMessages ?? 0)
    this.sendBytes = this.call ? unlimited : (peers?.streamBytes ?? 0)
    this.mayReceiveMessages = this.call ? 1 : own.streamMessages
    this.mayReceiveBytes = this.call ? unlimited : own.streamBytes
  }
}
