import { Fifo } from '../../streams/fifo.js'
import type { Message } from '../../streams/index.js'
import { FrameOutput } from './frame-output.js'
import { frameHeadBytes, frameType, maxReasonBytes, messageFlag } from './frames.js'
import { HeaderEncoder } from './header-encoder.js'
import { SentNotes } from './sent-notes.js'
import { checkSize, type PeerSettings } from './settings.js'
import type { MuxStream, Outgoing } from './stream.js'
import type { StreamTable } from './stream-table.js'

/** What a sender tells. */
export interface SenderEvents {
  /** There is something to take, where there was nothing. */
  output(): void
  /** Enough small calls wait to be worth a write of their own: the other side can begin while this one goes on. */
  plenty(): void
  /** The last frame of the stream in this direction was written. */
  ended(stream: MuxStream): void
}

/** So many bytes of small calls are worth a write before the turn ends. */
const plentyBytes = 2048

/** So many bytes are worth a write before more is asked of those who send streams: the peer works on it while they go on. */
const freshBytes = 32 * 1024

/** A header block larger than this is written apart. */
const roomForHeaders = 512

/**
 * The outgoing half of a connection: control frames first, then small messages as they come, and the pieces of large ones in turn, one of
 * each stream. Nothing goes out beyond the credit that the peer gave.
 */
export class Sender {
  /** False while the pipe takes nothing: messages wait in their streams. */
  writable = true
  /** What the peer allows; nothing is sent before it is known. */
  peer: PeerSettings | undefined
  /** Streams may not be opened any more. */
  closed = false
  readonly output = new FrameOutput()
  private readonly encoder = new HeaderEncoder()
  private readonly text = new TextEncoder()
  connectionMessages = 0
  connectionBytes = 0
  private ring = new Fifo<MuxStream>()
  /** Streams that wait for credit of the connection. */
  private readonly parked = new Set<MuxStream>()
  private readonly sent = new SentNotes(() => this.announce())
  private announced = false

  constructor(
    private readonly table: StreamTable,
    private readonly fragmentBytes: number,
    private readonly events: SenderEvents,
  ) {}

  /** Whether what waits to be taken is too little to be worth a write, if there is more at once. */
  get wantsMore(): boolean {
    return this.output.bytes < freshBytes
  }

  /** The peer's first frame has come. */
  allow(settings: PeerSettings): void {
    this.peer = settings
    this.connectionMessages = settings.connectionMessages
    this.connectionBytes = settings.connectionBytes
    this.unpark()
  }

  /** More may be sent: on a stream, whose sender may wait for it with nothing in the queue, or on all of them. */
  credit(stream: MuxStream | undefined, messages: number, bytes: number): void {
    if (stream === undefined) {
      this.connectionMessages += messages
      this.connectionBytes += bytes
      return this.unpark()
    }
    stream.sendMessages += messages
    stream.sendBytes += bytes
    this.activate(stream)
    this.sent.note(stream)
  }

  /** Sends a message, with `last` as the last of its direction. Throws `resource_exhausted` when the peer takes none as large. */
  send(stream: MuxStream, message: Message, last: boolean): void {
    if (stream.sendEnded || stream.over) return
    const fast = this.writable && stream.queue.length === 0 && stream.current === undefined
    if (fast && this.mayStart(stream) && this.writeWhole(stream, message, last)) return
    const { body } = message
    const block = this.encoder.encode(message.headers)
    checkSize(this.peer, block.length, body.length)
    stream.sendEnded = last
    stream.queue.push({ block, body })
    stream.queuedBytes += block.length + body.length
    if (stream.id === 0) this.table.addWaiting(stream)
    this.activate(stream)
  }

  /** Nothing more is sent on the stream after what waits. */
  end(stream: MuxStream): void {
    if (stream.sendEnded || stream.over) return
    stream.sendEnded = true
    const idle = stream.queue.length === 0 && stream.current === undefined
    if (idle && this.writable) this.writeEnd(stream)
    else this.activate(stream)
  }

  /** A frame of control: a type, up to two numbers, and a text. */
  control(type: number, stream: number, numbers: readonly number[], reason = ''): void {
    const text = reason === '' ? undefined : this.text.encode(reason).subarray(0, maxReasonBytes)
    const length = numbers.length * 4 + (text?.length ?? 0)
    this.output.frame(type, length, stream)
    for (const number of numbers) this.output.uint32(number)
    if (text !== undefined) this.output.raw(text)
    this.announce()
  }

  /** There will be something to take. */
  announce(): void {
    if (this.announced) return
    this.announced = true
    this.events.output()
  }

  /** Puts pieces of what waits to the output until it has `budget` bytes, then takes all of it. */
  take(budget: number): readonly Uint8Array[] {
    this.announced = true
    do this.pump(budget)
    while (this.wantsMore && this.sent.tell())
    this.announced = false
    const pieces = this.output.take()
    if (this.ring.length > 0 || this.sent.waiting) this.announce()
    return pieces
  }

  /** Drops what the stream has not sent. */
  forget(stream: MuxStream): void {
    // Nearly always there is none, and to look for an object in a set costs more than all else here.
    if (this.parked.size > 0) this.parked.delete(stream)
    stream.queue.clear()
    stream.queuedBytes = 0
    stream.current = undefined
  }

  private pump(budget: number): void {
    while (this.output.bytes < budget) {
      const stream = this.ring.shift()
      if (stream === undefined) return
      stream.inRing = false
      if (!stream.over) this.writeNext(stream)
    }
  }

  /** One more piece of a stream; it goes to the end of the ring when there is more. */
  private writeNext(stream: MuxStream): void {
    if (stream.current !== undefined) this.writeFragment(stream, stream.current)
    else if (stream.queue.length === 0) return this.writeEnd(stream)
    else if (!this.mayStart(stream)) return this.park(stream)
    else this.writeFirst(stream)
    this.activate(stream)
  }

  private mayStart(stream: MuxStream): boolean {
    return stream.sendMessages > 0 && stream.sendBytes > 0 && this.connectionAllows(stream)
  }

  private connectionAllows(stream: MuxStream): boolean {
    if (stream.id === 0 && (this.closed || this.peer === undefined || !this.table.hasIds)) return false
    return this.connectionMessages > 0 && this.connectionBytes > 0
  }

  /** A stream without credit of its own comes back when it gets some. */
  private park(stream: MuxStream): void {
    if (stream.sendMessages > 0 && stream.sendBytes > 0) this.parked.add(stream)
  }

  private unpark(): void {
    const parked = [...this.parked]
    this.parked.clear()
    for (const stream of parked) this.activate(stream)
  }

  private activate(stream: MuxStream): void {
    if (stream.inRing || stream.over) return
    const idle = stream.current === undefined && stream.queue.length === 0
    if (idle && (!stream.sendEnded || stream.endWritten)) return
    stream.inRing = true
    this.ring.push(stream)
    this.announce()
  }

  private begin(stream: MuxStream, length: number): void {
    stream.sendMessages -= 1
    stream.sendBytes -= length
    this.connectionMessages -= 1
    this.connectionBytes -= length
  }

  private headOf(stream: MuxStream, last: boolean, more: boolean): number {
    const opening = stream.call && stream.own ? messageFlag.call : 0
    const flags = (last ? messageFlag.end : 0) | (more ? messageFlag.more : 0) | opening
    return frameType.message | messageFlag.first | flags
  }

  /** The usual case: a small message in one frame, written once. False when it is none. */
  private writeWhole(stream: MuxStream, message: Message, last: boolean): boolean {
    const { output } = this
    const { headers, body } = message
    if (body.length > this.piece(body.length)) return false
    output.start(frameHeadBytes + 2 + roomForHeaders)
    const at = output.at
    const from = at + frameHeadBytes + 2
    const end = this.encoder.write(headers, output.target, from, at + output.room)
    if (end < 0) return false
    const block = end - from
    checkSize(this.peer, block, body.length)
    if (stream.id === 0) this.table.start(stream)
    this.begin(stream, block + body.length)
    output.headAt(at, this.headOf(stream, last, false), 2 + block + body.length, stream.id)
    output.target[at + frameHeadBytes] = block >>> 8
    output.target[at + frameHeadBytes + 1] = block
    output.at = end
    output.bytes += frameHeadBytes + 2 + block + body.length
    output.raw(body)
    this.announce()
    if (last) {
      stream.sendEnded = true
      this.wroteEnd(stream)
    } else this.sent.note(stream)
    if (stream.call && output.bytes >= plentyBytes) this.events.plenty()
    return true
  }

  /** How much of `left` bytes goes out at once. A few bytes more are not worth a frame, and memory to put the message together in, of their own. */
  private piece(left: number): number {
    return left <= this.fragmentBytes * 1.25 ? left : this.fragmentBytes
  }

  private writeFirst(stream: MuxStream): void {
    const message = stream.queue.shift()
    if (message === undefined) return
    const { output } = this
    const { block, body } = message
    const part = Math.max(0, this.piece(block.length + body.length) - block.length)
    const more = part < body.length
    const last = stream.sendEnded && stream.queue.length === 0
    const length = block.length + body.length
    if (stream.id === 0) this.table.start(stream)
    this.begin(stream, length)
    const prefix = more ? 6 : 2
    output.frame(this.headOf(stream, last, more), prefix + block.length + part, stream.id, prefix)
    if (more) output.uint32(length)
    output.uint16(block.length)
    output.raw(block)
    if (last) stream.endWritten = true
    this.wrote(stream, message, part)
  }

  private writeFragment(stream: MuxStream, message: Outgoing): void {
    const part = this.piece(message.body.length - stream.offset)
    this.output.frame(frameType.message, part, stream.id, 0)
    this.wrote(stream, message, part)
  }

  private wrote(stream: MuxStream, message: Outgoing, part: number): void {
    const { body } = message
    const from = stream.current === undefined ? 0 : stream.offset
    stream.offset = from + part
    this.output.raw(part === body.length ? body : body.subarray(from, stream.offset))
    stream.current = stream.offset < body.length ? message : undefined
    if (stream.current !== undefined) return
    stream.queuedBytes -= message.block.length + body.length
    if (stream.endWritten) this.wroteEnd(stream)
    else this.sent.note(stream)
  }

  private writeEnd(stream: MuxStream): void {
    if (!stream.sendEnded || stream.endWritten) return
    if (stream.id === 0) {
      if (!this.connectionAllows(stream)) return void this.parked.add(stream)
      this.table.start(stream)
    }
    this.output.frame(frameType.end, 0, stream.id)
    this.announce()
    this.wroteEnd(stream)
  }

  private wroteEnd(stream: MuxStream): void {
    stream.endWritten = true
    this.events.ended(stream)
  }
}
