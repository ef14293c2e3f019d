import { ServiceError } from '../../streams/index.js'
import { utf8Text } from '../utf8.js'

/** What the first frame of a body says. Absent fields have their defaults. */
export interface EnvelopeFields {
  readonly endpoint: string
  /** Unsigned, 64 bits. */
  readonly sequence: number | bigint
  /** `''`: no error. */
  readonly error: string
}

/** A wire type of protobuf: what follows a tag. */
const varint = 0
const fixed64 = 1
const delimited = 2
const fixed32 = 5

/**
 * Reads `service_method` (1), `seq` (2, fixed64) and `error` (3) of an envelope (PROTOCOL section 3.3). Unknown fields are
 * skipped, of equal ones the last counts. Throws `bad_request` for damaged bytes.
 */
export function readEnvelope(bytes: Uint8Array): EnvelopeFields {
  const cursor = new Cursor(bytes)
  let endpoint = ''
  let sequence: number | bigint = 0
  let error = ''
  while (!cursor.done) {
    const tag = cursor.varint()
    if (tag === ((1 << 3) | delimited)) endpoint = cursor.text()
    else if (tag === ((2 << 3) | fixed64)) sequence = cursor.fixed64()
    else if (tag === ((3 << 3) | delimited)) error = cursor.text()
    else cursor.skip(tag)
  }
  return { endpoint, sequence, error }
}

class Cursor {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  text(): string {
    const length = this.varint()
    const start = this.at
    this.advance(length)
    return utf8Text(this.bytes, 'proto-rpc', start, this.at)
  }

  fixed64(): number | bigint {
    const start = this.at
    this.advance(8)
    const low = this.uint32(start)
    const high = this.uint32(start + 4)
    return high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low)
  }

  /** A varint of at most 32 bits, as tags and lengths are. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at]
      if (byte === undefined) throw damaged('ends within a number')
      this.at += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80 && value <= 0xffff_ffff) return value
    }
    throw damaged('has a tag or a length of more than 32 bits')
  }

  skip(tag: number): void {
    if (tag < 8) throw damaged('has a field without a number')
    const wireType = tag & 7
    if (wireType === varint) this.skipVarint()
    else if (wireType === fixed64) this.advance(8)
    else if (wireType === delimited) this.advance(this.varint())
    else if (wireType === fixed32) this.advance(4)
    else throw damaged(`has a field of wire type ${wireType}`)
  }

  private skipVarint(): void {
    for (let length = 0; length < 10; length += 1) {
      const byte = this.bytes[this.at]
      if (byte === undefined) throw damaged('ends within a number')
      this.at += 1
      if (byte < 0x80) return
    }
    throw damaged('has a number of more than 10 bytes')
  }

  private uint32(at: number): number {
    const { bytes } = this
    const byte = (offset: number) => bytes[at + offset] ?? 0
    return (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0
  }

  private advance(length: number): void {
    if (length > this.bytes.length - this.at) throw damaged(`ends within a field of ${length} bytes`)
    this.at += length
  }
}

function damaged(what: string): ServiceError {
  return new ServiceError('bad_request', `proto-rpc: the envelope ${what}`)
}
