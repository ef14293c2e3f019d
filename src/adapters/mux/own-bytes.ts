import { emptyBody } from '../../streams/index.js'

/**
 * Bytes that may be kept: a copy where they are less than half of the memory that they lie in. A body is read where the socket has put it, and would otherwise
 * keep all that came with it, up to 64 KiB.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength === 0) return emptyBody
  return bytes.byteLength * 2 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes
}
