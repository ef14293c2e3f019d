import { ServiceError, type FrameId } from '../../streams/index.js'
import { utf8Bytes } from '../utf8.js'

/**
 * The two frames of a body: the envelope with all its fields, as Go 2017 writes it, then the payload (PROTOCOL section
 * 3.3). Without `error` it is a request's. Throws `bad_request` for an id that is no unsigned 64-bit number.
 */
export function writeFrames(
  endpoint: string,
  id: FrameId,
  error: string | undefined,
  payload: Uint8Array,
): Uint8Array {
  const sequence = sequenceOf(id)
  const method = utf8Bytes(endpoint)
  const failure = error === undefined ? undefined : utf8Bytes(error)
  const envelopeLength = sizeOfText(method) + 9 + (failure === undefined ? 0 : sizeOfText(failure))
  const writer = new FrameWriter(8 + envelopeLength + payload.length)
  writer.length(envelopeLength)
  writer.text(0x0a, method)
  writer.fixed64(0x11, sequence)
  if (failure !== undefined) writer.text(0x1a, failure)
  writer.length(payload.length)
  writer.raw(payload)
  return writer.bytes
}

class FrameWriter {
  readonly bytes: Uint8Array
  private at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  /** A frame's length: 32 bits, big-endian. */
  length(length: number): void {
    this.byte(length >>> 24)
    this.byte(length >>> 16)
    this.byte(length >>> 8)
    this.byte(length)
  }

  text(tag: number, text: Uint8Array): void {
    this.byte(tag)
    let rest = text.length
    for (; rest >= 0x80; rest >>>= 7) this.byte(rest | 0x80)
    this.byte(rest)
    this.raw(text)
  }

  /** 64 bits, little-endian. */
  fixed64(tag: number, value: number | bigint): void {
    this.byte(tag)
    let rest = BigInt(value)
    for (let count = 0; count < 8; count += 1) {
      this.byte(Number(rest & 0xffn))
      rest >>= 8n
    }
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  private byte(value: number): void {
    this.bytes[this.at] = value
    this.at += 1
  }
}

function sizeOfText(text: Uint8Array): number {
  let size = 2
  for (let rest = text.length; rest >= 0x80; rest >>>= 7) size += 1
  return size + text.length
}

function sequenceOf(id: FrameId): number | bigint {
  if (id === null) return 0
  if (typeof id === 'bigint' && id >= 0n && id <= 0xffff_ffff_ffff_ffffn) return id
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return id
  throw new ServiceError('bad_request', `proto-rpc: id ${String(id)} is no unsigned 64-bit number`)
}
