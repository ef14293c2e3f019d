import { emptyBody } from '../../streams/index.js'

/** Small copies lie together in pieces of memory of this size: a piece of its own for each costs more than the copy. */
const slabBytes = 8 * 1024

/**
 * Makes what is held independent of where it came in. A body is read where the socket has put it, and would otherwise keep all that came with it, up to 64 KiB. One
 * for each connection.
 */
export class OwnBytes {
  private slab: Uint8Array = emptyBody
  private at = 0

  /** The same bytes where they may be kept: a copy, unless they are at least half of the memory that they lie in. */
  of(bytes: Uint8Array): Uint8Array {
    const size = bytes.byteLength
    if (size * 2 >= bytes.buffer.byteLength) return bytes
    if (size > slabBytes / 4) return new Uint8Array(bytes)
    if (this.slab.byteLength - this.at < size) {
      this.slab = new Uint8Array(slabBytes)
      this.at = 0
    }
    const copy = this.slab.subarray(this.at, this.at + size)
    copy.set(bytes)
    this.at += size
    return copy
  }
}
