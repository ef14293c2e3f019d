import { frameHeadBytes } from './frames.js'

/** So many bytes are reserved at once for frames that go out. */
const slabBytes = 64 * 1024

/** A larger body is not copied between the frames but written beside them. */
const copyBytes = 4 * 1024

/** The frames that go out with the next write: small ones lie beside each other in one piece of memory, which is never written to again once it was taken. */
export class FrameOutput {
  /** How many bytes wait. */
  bytes = 0
  private slab = new Uint8Array(0)
  private from = 0
  private pieces: Uint8Array[] = []

  /** The memory that {@link start} has reserved, and where the next byte goes. */
  target = this.slab
  at = 0

  /** Makes room for `size` bytes at `target[at]`. */
  start(size: number): void {
    if (this.slab.length - this.at < size) {
      this.seal()
      this.slab = new Uint8Array(Math.max(slabBytes, size))
      this.target = this.slab
      this.from = 0
      this.at = 0
    }
  }

  /** How many bytes fit behind `at` without new memory. */
  get room(): number {
    return this.slab.length - this.at
  }

  /** Writes the head of a frame at a place that was reserved. */
  headAt(at: number, head: number, length: number, stream: number): void {
    const { target } = this
    target[at] = head
    target[at + 1] = length >>> 16
    target[at + 2] = length >>> 8
    target[at + 3] = length
    target[at + 4] = stream >>> 24
    target[at + 5] = stream >>> 16
    target[at + 6] = stream >>> 8
    target[at + 7] = stream
  }

  /** Begins a frame with a payload of `length` bytes, of which `reserved` are written by the caller at `at`. */
  frame(head: number, length: number, stream: number, reserved = length): void {
    this.start(frameHeadBytes + reserved)
    this.headAt(this.at, head, length, stream)
    this.at += frameHeadBytes
    this.bytes += frameHeadBytes + length
  }

  uint16(value: number): void {
    this.target[this.at] = value >>> 8
    this.target[this.at + 1] = value
    this.at += 2
  }

  uint32(value: number): void {
    this.target[this.at] = value >>> 24
    this.target[this.at + 1] = value >>> 16
    this.target[this.at + 2] = value >>> 8
    this.target[this.at + 3] = value
    this.at += 4
  }

  /** Bytes that a frame was begun for. Who gave them does not change them any more. */
  raw(bytes: Uint8Array): void {
    if (bytes.length > copyBytes) {
      this.seal()
      this.pieces.push(bytes)
      return
    }
    this.start(bytes.length)
    this.target.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Everything that waits, in order. */
  take(): readonly Uint8Array[] {
    this.seal()
    const { pieces } = this
    this.pieces = []
    this.bytes = 0
    return pieces
  }

  private seal(): void {
    if (this.at > this.from) this.pieces.push(this.slab.subarray(this.from, this.at))
    this.from = this.at
  }
}
