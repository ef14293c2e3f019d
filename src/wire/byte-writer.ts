import { writeNative } from './native-text.js'

/** So many bytes are reserved at once: the platform takes longer to reserve a few than to fill them. */
const slabBytes = 16 * 1024

/** A message that may need more than this gets memory of its own, so that it does not keep a slab alive. */
const shareBytes = slabBytes / 4

/** Up to this length a loop is faster than a call into the platform. */
const shortText = 48

/** Bytes of a character in UTF-8. */
const longestCharacter = 4

/**
 * Puts messages together, one at a time. What {@link ByteWriter.end} returns is never written to again; small messages lie
 * beside each other in one piece of memory, which lives as long as one of them.
 */
export class ByteWriter {
  private readonly encoder = new TextEncoder()
  private slab = new Uint8Array(0)
  /** Where the next small message may begin. */
  private free = 0
  private target = this.slab
  private from = 0
  private at = 0

  /** The bytes of a text in UTF-8. */
  utf8(text: string): Uint8Array {
    const most = text.length * 3
    return most > shareBytes ? this.long(text) : this.start(most).text(text).end()
  }

  /** Begins a message of at most `capacity` bytes; a text takes up to three for each of its characters. */
  start(capacity: number): this {
    if (capacity > shareBytes) {
      this.target = new Uint8Array(capacity)
      this.from = 0
    } else {
      if (this.free + capacity > this.slab.length) this.renewSlab()
      this.target = this.slab
      this.from = this.free
    }
    this.at = this.from
    return this
  }

  byte(value: number): this {
    this.target[this.at] = value
    this.at += 1
    return this
  }

  raw(bytes: Uint8Array): this {
    this.target.set(bytes, this.at)
    this.at += bytes.length
    return this
  }

  text(text: string): this {
    if (text.length <= shortText && this.ascii(text)) return this
    this.at +=
      writeNative(text, this.target, this.at) ??
      this.encoder.encodeInto(text, this.target.subarray(this.at)).written
    return this
  }

  /** Most texts are ASCII. One that is not takes more bytes than it has characters, also where the room ends before it does. */
  private long(text: string): Uint8Array {
    const { length } = text
    const bytes = new Uint8Array(length + longestCharacter)
    return writeNative(text, bytes, 0) === length ? bytes.subarray(0, length) : this.encoder.encode(text)
  }

  /** False, and nothing is written, for a text that is not ASCII. */
  private ascii(text: string): boolean {
    const { target, at } = this
    for (let place = 0; place < text.length; place += 1) {
      const code = text.charCodeAt(place)
      if (code >= 0x80) return false
      target[at + place] = code
    }
    this.at += text.length
    return true
  }

  /** The message. */
  end(): Uint8Array {
    if (this.target === this.slab) this.free = this.at
    return this.target.subarray(this.from, this.at)
  }

  private renewSlab(): void {
    this.slab = new Uint8Array(slabBytes)
    this.free = 0
  }
}
