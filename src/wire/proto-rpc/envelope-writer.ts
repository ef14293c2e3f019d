import { ServiceError, type FrameId } from '../../streams/index.js'
import type { ByteWriter } from '../byte-writer.js'

/** What goes into the two frames of a body. Without `error` it is a request's. */
export interface FrameParts {
  readonly endpoint: string
  readonly id: FrameId
  readonly error: string | undefined
  readonly payload: Uint8Array
}

/**
 * The two frames of a body: the envelope with all its fields, as Go 2017 writes it, then the payload (PROTOCOL section
 * 3.3). Throws `bad_request` for an id that is no unsigned 64-bit number.
 */
export function writeFrames(writer: ByteWriter, { endpoint, id, error, payload }: FrameParts): Uint8Array {
  const sequence = sequenceOf(id)
  const method = writer.utf8(endpoint)
  const failure = error === undefined ? undefined : writer.utf8(error)
  const envelopeLength = sizeOfText(method) + 9 + (failure === undefined ? 0 : sizeOfText(failure))
  writer.start(8 + envelopeLength + payload.length)
  writeLength(writer, envelopeLength)
  writeText(writer, 0x0a, method)
  writeFixed64(writer, 0x11, sequence)
  if (failure !== undefined) writeText(writer, 0x1a, failure)
  writeLength(writer, payload.length)
  return writer.raw(payload).end()
}

/** A frame's length: 32 bits, big-endian. */
function writeLength(writer: ByteWriter, length: number): void {
  writer
    .byte(length >>> 24)
    .byte(length >>> 16)
    .byte(length >>> 8)
    .byte(length)
}

function writeText(writer: ByteWriter, tag: number, text: Uint8Array): void {
  writer.byte(tag)
  let rest = text.length
  for (; rest >= 0x80; rest >>>= 7) writer.byte(rest | 0x80)
  writer.byte(rest).raw(text)
}

function writeFixed64(writer: ByteWriter, tag: number, value: number | bigint): void {
  writer.byte(tag)
  const isNumber = typeof value === 'number'
  writeUint32(writer, isNumber ? value >>> 0 : Number(value & 0xffff_ffffn))
  writeUint32(writer, isNumber ? Math.floor(value / 0x1_0000_0000) : Number(value >> 32n))
}

/** 32 bits, little-endian. */
function writeUint32(writer: ByteWriter, value: number): void {
  writer
    .byte(value)
    .byte(value >>> 8)
    .byte(value >>> 16)
    .byte(value >>> 24)
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
