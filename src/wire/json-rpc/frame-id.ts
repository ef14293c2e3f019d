import { ServiceError, type FrameId } from '../../streams/index.js'
import { utf8Text } from '../utf8.js'
import { parseMember } from './members.js'

/** The id whose text is at `start`. Throws `bad_request` for one that is no number, string or null. */
export function readId(bytes: Uint8Array, start: number, end: number): FrameId {
  const digit = (bytes[start] ?? 0) - 0x30
  if (end - start === 1 && digit >= 0 && digit <= 9) return digit // nearly all ids
  const value = parseMember(bytes, start, end)
  if (value === null || typeof value === 'string') return value
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badId(bytes, start, end)
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value
  const text = utf8Text(bytes, 'json-rpc', start, end)
  return /^-?[0-9]+$/.test(text) ? BigInt(text) : value
}

/** The text of an id, as it was read. */
export function writeId(id: FrameId): string {
  return typeof id === 'string' ? JSON.stringify(id) : String(id)
}

function badId(bytes: Uint8Array, start: number, end: number): ServiceError {
  const text = utf8Text(bytes, 'json-rpc', start, end).slice(0, 100)
  return new ServiceError('bad_request', `json-rpc: id ${text} is no number, string or null`)
}
