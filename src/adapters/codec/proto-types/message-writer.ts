import { Writer } from 'protobufjs/minimal.js'
import { writeNative } from '../../../wire/native-text.js'
import { checkSurrogates } from './surrogates.js'

/** So many bytes are reserved at once: the platform takes longer to reserve a few than to fill them. */
const slabBytes = 16 * 1024

/** So much must be free before a message is begun; one that needs more gets memory of its own. */
const roomBytes = 1024

/** Up to this length a loop is faster than a call into the platform. */
const shortText = 24

/** Up to this length room for three bytes of each character is kept; longer ones are taken for ASCII first, which most are. */
const usualText = 1024

/** Bytes of the longest character, and of the longest varint of 32 bits. */
const longestCharacter = 4
const longestVarint = 5

/** Where there are Node's buffers it reserves memory without clearing it. */
const PlatformWriter = Writer.create().constructor as typeof Writer

/**
 * The writer of protobufjs over memory that messages share: a writer for each would reserve memory two or three times and copy the message once. What {@link MessageWriter.end}
 * returns is never written to again; small messages lie beside each other in one piece of memory, which lives as long as one of them.
 */
export class MessageWriter extends Writer {
  private readonly encoder = new TextEncoder()
  private slab: Uint8Array = new Uint8Array(0)
  private free = 0

  /** Begins a message. What was begun before and not ended is dropped. */
  start(): void {
    if (this.slab.length - this.free < roomBytes) {
      this.slab = reserve(slabBytes)
      this.free = 0
    }
    this.buf = this.slab
    this.view = null
    this.pos = this.free
    if (this.states !== null) this.states.length = 0
  }

  /** The message. */
  end(): Uint8Array {
    const { buf, slab, free, pos } = this
    // One that did not fit has moved to larger memory.
    if (buf === slab) this.free = pos
    return buf.subarray(free, pos)
  }

  /** Throws for half of a surrogate pair, which has no bytes in UTF-8. */
  override string(text: string): this {
    const { length } = text
    if (length <= shortText) return this.ascii(text) ? this : this.short(text)
    const head = varintBytes(length)
    this.reserve(head + (length > usualText ? length + longestCharacter : 3 * length + longestVarint))
    const { pos } = this
    const bytes = this.utf8(text, pos + head)
    if (bytes !== length) return this.beyondAscii(text, bytes)
    this.uint32(length)
    this.pos += length
    return this
  }

  /** False, and nothing is written, for a text that is not ASCII. */
  private ascii(text: string): boolean {
    const { length } = text
    this.reserve(length + 1)
    const { buf } = this
    let at = this.pos
    buf[at] = length
    for (let place = 0; place < length; place += 1) {
      const code = text.charCodeAt(place)
      if (code >= 0x80) return false
      at += 1
      buf[at] = code
    }
    this.pos = at + 1
    return true
  }

  private short(text: string): this {
    super.string(text)
    checkSurrogates(text)
    return this
  }

  /** The text stands behind room for a varint of its length, in more bytes than that, unless it was too long to have room. */
  private beyondAscii(text: string, bytes: number): this {
    checkSurrogates(text)
    const { length } = text
    if (length > usualText) {
      this.bytes(this.encoder.encode(text))
      return this
    }
    const { pos } = this
    const from = pos + varintBytes(length)
    const to = pos + varintBytes(bytes)
    if (to !== from) this.buf.copyWithin(to, from, from + bytes)
    this.uint32(bytes)
    this.pos += bytes
    return this
  }

  private utf8(text: string, at: number): number {
    const { buf, encoder } = this
    return writeNative(text, buf, at) ?? encoder.encodeInto(text, buf.subarray(at)).written
  }

  private reserve(bytes: number): void {
    const { buf, pos } = this
    if (pos + bytes <= buf.length) return
    const larger = reserve(Math.max(2 * buf.length, pos + bytes))
    larger.set(buf.subarray(0, pos))
    this.buf = larger
    this.view = null
  }
}

/** Memory that is not cleared, without the class of Node's buffers: to cut a message out of one takes twice as long. */
function reserve(bytes: number): Uint8Array {
  const { buffer, byteOffset, length } = PlatformWriter.alloc(bytes)
  return new Uint8Array(buffer, byteOffset, length)
}

function varintBytes(length: number): number {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  return length < 0x20_0000 ? 3 : longestVarint
}
