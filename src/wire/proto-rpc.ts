/** go-micro's length-prefixed protobuf frames (PROTOCOL section 3.3, and 16 for ja-micro's). */
import { ServiceError, count, resolveOptions, type Envelope, type OptionRules } from '../streams/index.js'
import { ByteWriter } from './byte-writer.js'
import { readEnvelope, type EnvelopeFields } from './proto-rpc/envelope-reader.js'
import { writeFrames } from './proto-rpc/envelope-writer.js'

/** Options of {@link protoRpc}. */
export interface ProtoRpcOptions {
  /**
   * The longest envelope that is read: method name, error text and what a peer adds, in bytes.
   * @default 65536
   */
  readonly maxEnvelopeBytes?: number
  /**
   * The longest payload that is read, in bytes.
   * @default 16777216
   */
  readonly maxPayloadBytes?: number
}

const rules: OptionRules<Required<ProtoRpcOptions>> = {
  maxEnvelopeBytes: count(64 * 1024),
  maxPayloadBytes: count(16 * 1024 * 1024),
}

/**
 * The envelope of two frames, each a 32-bit big-endian length and so many bytes: first the method, the sequence number and
 * the error text as protobuf, then the body. Everything is written, also sequence 0 and an empty error; read, what is
 * absent has its default. An answer's id is not compared with the request's. Bytes after the second frame are damage.
 */
export function protoRpc(options?: ProtoRpcOptions): Envelope {
  const limits = resolveOptions('protoRpc', options, rules)
  const writer = new ByteWriter()
  return {
    name: 'proto-rpc',
    readRequest({ body }) {
      const { fields, payload } = readFrames(body, limits)
      return { id: fields.sequence, endpoint: fields.endpoint, body: payload }
    },
    writeRequest: ({ endpoint, id, body }, headers) => ({
      headers,
      body: writeFrames(writer, { endpoint, id, error: undefined, payload: body }),
    }),
    readResponse({ body }) {
      const { fields, payload } = readFrames(body, limits)
      const frame = { id: fields.sequence, endpoint: fields.endpoint, body: payload }
      return fields.error === '' ? frame : { ...frame, error: fields.error }
    },
    writeResponse: ({ endpoint, id, error = '', body }, headers) => ({
      headers,
      body: writeFrames(writer, { endpoint, id, error, payload: body }),
    }),
  }
}

function readFrames(
  bytes: Uint8Array,
  limits: Required<ProtoRpcOptions>,
): { readonly fields: EnvelopeFields; readonly payload: Uint8Array } {
  const envelope = frameAt(bytes, 0, limits.maxEnvelopeBytes, 'envelope')
  const payload = frameAt(bytes, 4 + envelope.length, limits.maxPayloadBytes, 'payload')
  const extra = bytes.length - 8 - envelope.length - payload.length
  if (extra > 0) throw new ServiceError('bad_request', `proto-rpc: ${extra} bytes follow the payload`)
  return { fields: readEnvelope(envelope), payload }
}

function frameAt(bytes: Uint8Array, at: number, limit: number, what: string): Uint8Array {
  const left = bytes.length - at - 4
  if (left < 0) throw new ServiceError('bad_request', `proto-rpc: the body ends before the ${what}`)
  const length = uint32(bytes, at)
  if (length > limit)
    throw new ServiceError('bad_request', `proto-rpc: ${what} of ${length} bytes; the limit is ${limit}`)
  if (length > left)
    throw new ServiceError('bad_request', `proto-rpc: ${what} of ${length} bytes, but ${left} are there`)
  return bytes.subarray(at + 4, at + 4 + length)
}

function uint32(bytes: Uint8Array, at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? 0
  return ((byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)) >>> 0
}
