import { Reader } from 'protobufjs/minimal.js'
import { readNative } from '../../../wire/native-text.js'

/** A 64-bit integer as protobufjs reads it. */
interface LongHalves {
  readonly low: number
  readonly high: number
}

type LongMethod = 'int64' | 'uint64' | 'sint64' | 'fixed64' | 'sfixed64'

interface LongReader extends Omit<Reader, LongMethod | 'bytes' | 'stringVerify' | 'skipType'> {
  bytes(): Uint8Array
  stringVerify(): string
  skipType(wireType: number, depth: number, field: number): void
  int64(): LongHalves | bigint
  uint64(): LongHalves | bigint
  sint64(): LongHalves | bigint
  fixed64(): LongHalves | bigint
  sfixed64(): LongHalves | bigint
}

/** From this length on a call into the platform costs less than a loop. */
const longText = 24

/** A varint of so many bytes is a safe integer. */
const safeVarint = 7

const nothing = new Uint8Array(0)

const LongReader = Reader as unknown as new (buffer: Uint8Array) => LongReader

/** The reader of protobufjs with `bigint` for 64-bit integers. It is made once and reads one message after another. */
export class MessageReader extends LongReader {
  constructor() {
    super(nothing)
  }

  /** Begins to read a message. */
  start(bytes: Uint8Array): void {
    this.buf = bytes
    this.pos = 0
    this.len = bytes.length
    this.view = null
  }

  /** Lets go of the message. */
  end(): void {
    this.start(nothing)
  }

  /** Goes into the piece that stands behind a length: `len` is then its end. Returns what {@link MessageReader.leave} takes to go on behind it. */
  enter(): number {
    const { len } = this
    const end = this.size() + this.pos
    if (end > len) throw new RangeError(`index out of range: ${end} > ${len}`)
    this.len = end
    return len
  }

  leave(len: number): void {
    if (this.pos !== this.len) throw new RangeError(`index out of range: ${this.pos} > ${this.len}`)
    this.len = len
  }

  /** Without the class of Node's buffers, wherever the message came from. Of this alone: a view of each whole message would cost more than reading a small one. */
  override bytes(): Uint8Array {
    return plainBytes(super.bytes())
  }

  /** Longer texts as Node reads them; what is damaged or in doubt is left to protobufjs. */
  override stringVerify(): string {
    const before = this.pos
    const length = this.size()
    const start = this.pos
    if (length >= longText && start + length <= this.len) {
      const text = readNative(this.buf, start, start + length)
      if (text !== undefined) {
        this.pos = start + length
        return text
      }
    }
    this.pos = before
    return super.stringVerify()
  }

  override int64(): bigint {
    return this.safeVarint() ?? signed(super.int64())
  }

  override sint64(): bigint {
    return signed(super.sint64())
  }

  override sfixed64(): bigint {
    return signed(super.sfixed64())
  }

  override uint64(): bigint {
    return this.safeVarint() ?? unsigned(super.uint64())
  }

  override fixed64(): bigint {
    return unsigned(super.fixed64())
  }

  /** The value of a varint that is a safe integer, without the two halves and the shifts that others take. */
  private safeVarint(): bigint | undefined {
    const { buf, pos } = this
    const last = Math.min(this.len, pos + safeVarint)
    let value = 0
    let unit = 1
    for (let at = pos; at < last; at += 1) {
      const byte = buf[at] as number
      value += (byte & 0x7f) * unit
      if (byte < 0x80) {
        this.pos = at + 1
        return BigInt(value)
      }
      unit *= 0x80
    }
    return undefined
  }
}

/** The same memory without the class of Node's buffers. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function signed(value: LongHalves | bigint): bigint {
  if (typeof value === 'bigint') return value
  const { low, high } = value
  // Safe integers need no shift of bigints, which costs more than all the rest.
  if (high < 0x20_0000 && high >= -0x20_0000) return BigInt(high * 0x1_0000_0000 + (low >>> 0))
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

function unsigned(value: LongHalves | bigint): bigint {
  const bits = signed(value)
  return bits < 0n ? BigInt.asUintN(64, bits) : bits
}
