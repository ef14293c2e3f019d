import { emptyBody, type Message } from '../../streams/index.js'
import { uint32 } from './frame-reader.js'
import { messageFlag, resetCode } from './frames.js'
import { HeaderDecoder } from './header-decoder.js'
import type { MuxLimits } from './limits.js'
import { violation, type Violation } from './reasons.js'
import { MuxStream, type Assembly, type StreamHandler } from './stream.js'
import type { StreamTable } from './stream-table.js'

/** What a receiver tells. */
export interface ReceiverEvents {
  /** The peer has opened a stream. */
  opened(stream: MuxStream): StreamHandler
  /** Credit is to be given back: of a stream, or of the connection. */
  owes(stream: MuxStream | undefined): void
  /** The peer has ended its direction. */
  ended(stream: MuxStream): void
  /** The peer broke a rule on this stream alone. */
  misused(stream: MuxStream, error: Violation): void
  /** A stream that the peer opens is not taken. */
  refused(id: number, reason: string): void
}

/** A message up to this size gets its memory at once; that of a larger one grows as its pieces come. */
const reservedAtOnce = 1024 * 1024

/**
 * The incoming half of a connection: message frames to messages. The peer's credit is counted here; what a peer sends beyond it, or on a stream
 * in a way that is none, throws or is told as `misused`.
 */
export class Receiver {
  /** Streams of the peer are not taken any more. */
  closed = false
  owedMessages = 0
  owedBytes = 0
  private readonly headers = new HeaderDecoder()
  mayReceiveMessages: number
  mayReceiveBytes: number

  constructor(
    private readonly table: StreamTable,
    private readonly limits: MuxLimits,
    private readonly events: ReceiverEvents,
  ) {
    this.mayReceiveMessages = limits.connectionMessages
    this.mayReceiveBytes = limits.connectionBytes
  }

  /** A message frame. Throws `bad_request` for one that no peer may send. */
  message(head: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if ((head & messageFlag.first) === 0) return this.further(id, bytes, start, end)
    const more = (head & messageFlag.more) !== 0
    const prefix = more ? 6 : 2
    if (end - start < prefix) throw violation('a message is shorter than its own head')
    const sizeAt = start + prefix - 2
    const block = ((bytes[sizeAt] ?? 0) << 8) | (bytes[sizeAt + 1] ?? 0)
    const bodyAt = start + prefix + block
    if (bodyAt > end) throw violation('the headers of a message reach beyond its first frame')
    const length = more ? uint32(bytes, start) : end - start - prefix
    this.checkSize(block, length, end - start - prefix, more)
    this.take(length)
    const stream = this.streamOf(head, id, length)
    if (stream === undefined) return
    if (!this.admit(stream, length)) return
    const headers = this.headers.decode(bytes, start + prefix, bodyAt)
    if ((head & messageFlag.end) !== 0) stream.peerEnded = true
    if (!more) return this.deliver(stream, { headers, body: viewOf(bytes, bodyAt, end) }, length)
    stream.assembly = assemble(headers, length, length - block)
    this.further(id, bytes, bodyAt, end)
  }

  /** The peer's direction ends without a further message. */
  end(id: number): void {
    const stream = this.streamOf(0, id, undefined)
    if (stream === undefined) return
    if (stream.peerEnded || stream.assembly !== undefined) return this.misuse(stream, 'it ended twice')
    stream.peerEnded = true
    this.tellEnd(stream)
  }

  /** The consumer is done with messages of the stream. */
  consumed(stream: MuxStream, messages: number, bytes: number): void {
    if (stream.over) return
    stream.heldMessages -= messages
    stream.heldBytes -= bytes
    this.release(messages, bytes)
    if (stream.peerEnded) return
    stream.owedMessages += messages
    stream.owedBytes += bytes
    const { streamMessages, streamBytes } = this.limits
    if (stream.owing) return
    // At a quarter: what is given back at half comes when the sender has stood still for a while already.
    if (stream.owedMessages * 4 < streamMessages && stream.owedBytes * 4 < streamBytes) return
    stream.owing = true
    this.events.owes(stream)
  }

  /** The stream is over: what of it is held here counts no more. */
  forget(stream: MuxStream): void {
    this.release(stream.heldMessages, stream.heldBytes)
    this.table.callBytes -= stream.callBytes
    stream.callBytes = 0
    stream.heldMessages = 0
    stream.heldBytes = 0
    stream.assembly = undefined
  }

  /** The peer was told of what is owed to it: on a stream, or on all of them. */
  gave(stream: MuxStream | undefined): void {
    if (stream === undefined) {
      this.mayReceiveMessages += this.owedMessages
      this.mayReceiveBytes += this.owedBytes
      this.owedMessages = 0
      this.owedBytes = 0
      return
    }
    stream.mayReceiveMessages += stream.owedMessages
    stream.mayReceiveBytes += stream.owedBytes
    stream.owedMessages = 0
    stream.owedBytes = 0
    stream.owing = false
  }

  private take(length: number): void {
    if (this.mayReceiveMessages <= 0 || this.mayReceiveBytes <= 0) {
      throw violation('the peer sends beyond the credit of the connection', resetCode.flowControl)
    }
    this.mayReceiveMessages -= 1
    this.mayReceiveBytes -= length
  }

  private release(messages: number, bytes: number): void {
    if (messages === 0) return
    const { connectionMessages, connectionBytes } = this.limits
    const before = this.owesMuch(connectionMessages, connectionBytes)
    this.owedMessages += messages
    this.owedBytes += bytes
    if (!before && this.owesMuch(connectionMessages, connectionBytes)) this.events.owes(undefined)
  }

  private owesMuch(messages: number, bytes: number): boolean {
    return this.owedMessages * 2 >= messages || this.owedBytes * 2 >= bytes
  }

  /** The stream of a frame, opened if it is new; `undefined` for one that is over or not taken. */
  private streamOf(head: number, id: number, length: number | undefined): MuxStream | undefined {
    return this.table.get(id) ?? this.newStream(head, id, length)
  }

  private newStream(head: number, id: number, length: number | undefined): MuxStream | undefined {
    const drop = () => (length === undefined ? undefined : void this.release(1, length))
    if (id === 0) throw violation('a message without a stream')
    if (!this.table.isPeers(id)) {
      if (!this.table.wasOwn(id)) throw violation(`stream ${id} was never opened`)
      return drop()
    }
    if (id <= this.table.highestPeerId || this.closed) return drop()
    const call = (head & messageFlag.call) !== 0
    const { maxStreams, maxCallBytes } = this.limits
    const full = this.table.peerOpen >= maxStreams
    if (full || (call && this.table.callBytes + (length ?? 0) > Math.max(maxCallBytes, length ?? 0))) {
      this.table.highestPeerId = id
      this.events.refused(id, full ? `there are ${maxStreams} streams already` : 'too many large calls wait')
      return drop()
    }
    return this.open(id, call)
  }

  private open(id: number, call: boolean): MuxStream {
    const stream = new MuxStream(call, false)
    this.table.accept(stream, id)
    stream.handler = this.events.opened(stream)
    return stream
  }

  /** Whether the stream may get a message now: what is sent beyond its credit ends it. */
  private admit(stream: MuxStream, length: number): boolean {
    stream.heldMessages += 1
    stream.heldBytes += length
    if (stream.call && !stream.own) {
      stream.callBytes += length
      this.table.callBytes += length
    }
    if (stream.peerEnded || stream.assembly !== undefined) {
      this.misuse(stream, 'a message came after the last, or within another')
      return false
    }
    if (stream.mayReceiveMessages <= 0 || stream.mayReceiveBytes <= 0) {
      this.events.misused(stream, violation('it sends beyond the credit of a stream', resetCode.flowControl))
      return false
    }
    stream.mayReceiveMessages -= 1
    stream.mayReceiveBytes -= length
    return true
  }

  private further(id: number, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.table.get(id)
    if (stream === undefined) return // the rest of a message of a stream that is over
    const { assembly } = stream
    if (assembly === undefined) return this.misuse(stream, 'a piece came that belongs to no message')
    if (assembly.filled + end - start > assembly.bodyBytes) {
      return this.misuse(stream, 'a message is longer than it said')
    }
    grow(assembly, end - start)
    assembly.body.set(bytes.subarray(start, end), assembly.filled)
    assembly.filled += end - start
    if (assembly.filled < assembly.bodyBytes) return
    stream.assembly = undefined
    this.deliver(stream, { headers: assembly.headers, body: assembly.body }, assembly.length)
  }

  private deliver(stream: MuxStream, message: Message, length: number): void {
    if (stream.call) return this.deliverCall(stream, message, length)
    stream.handler?.received(message, length)
    if (stream.peerEnded && !stream.over) this.tellEnd(stream)
  }

  /** The place of a call that is answered is free before its caller hears of it. */
  private deliverCall(stream: MuxStream, message: Message, length: number): void {
    const { handler } = stream
    // What the one message of a call holds is bounded by `maxCallBytes`: credit kept until the answer would let slow calls stop all others.
    stream.peerEnded = true
    stream.heldMessages = 0
    this.release(1, length)
    this.events.ended(stream)
    handler?.received(message, length)
  }

  private tellEnd(stream: MuxStream): void {
    stream.handler?.ended()
    if (!stream.over) this.events.ended(stream)
  }

  private misuse(stream: MuxStream, what: string): void {
    this.events.misused(stream, violation(`stream ${stream.id}: ${what}`))
  }

  private checkSize(block: number, length: number, present: number, more: boolean): void {
    const { maxHeaderBytes, maxMessageBytes } = this.limits
    if (block > maxHeaderBytes || length > maxMessageBytes) {
      const limits = `${maxHeaderBytes} of headers, ${maxMessageBytes} in all`
      throw violation(`a message of ${length} bytes, ${block} of them headers, is beyond ${limits}`)
    }
    if (more && present >= length) throw violation('a message said that it goes on, and is whole')
  }
}

/** What `subarray` gives, without the class of Node's buffers: their subarrays cost twice as much, once for each message. */
function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}

function assemble(headers: Message['headers'], length: number, bodyBytes: number): Assembly {
  const body = bodyBytes <= reservedAtOnce ? new Uint8Array(bodyBytes) : emptyBody
  return { headers, length, bodyBytes, body, filled: 0 }
}

/** A peer that says a large length and sends nothing is given no memory for it. */
function grow(assembly: Assembly, more: number): void {
  const needed = assembly.filled + more
  if (needed <= assembly.body.length) return
  const wanted = Math.max(needed, reservedAtOnce, assembly.body.length * 2)
  const grown = new Uint8Array(Math.min(assembly.bodyBytes, wanted))
  grown.set(assembly.body.subarray(0, assembly.filled))
  assembly.body = grown
}
