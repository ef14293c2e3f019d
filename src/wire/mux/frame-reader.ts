import { ServiceError } from '../../streams/index.js'
import { frameHeadBytes, maxPayloadBytes } from './frames.js'

/** Gets a frame whose payload is `bytes` from `start` up to `end`. */
export type FrameSink = (head: number, stream: number, bytes: Uint8Array, start: number, end: number) => void

/** Cuts bytes that come in any pieces into frames. Whole ones are read where they are; a frame that is cut is put together in memory of its own. */
export class FrameReader {
  private head = new Uint8Array(frameHeadBytes)
  private partial: Uint8Array | undefined
  private filled = 0
  private stopped = false

  constructor(private readonly sink: FrameSink) {}

  /** Takes nothing further. */
  stop(): void {
    this.stopped = true
    this.partial = undefined
  }

  /** Throws `bad_request` for a frame that is too long. What the sink throws goes through. */
  push(chunk: Uint8Array): void {
    let at = this.filled > 0 ? this.complete(chunk) : 0
    while (!this.stopped && chunk.length - at >= frameHeadBytes) {
      const end = at + frameHeadBytes + payloadOf(chunk, at)
      if (end > chunk.length) break
      this.emit(chunk, at, end)
      at = end
    }
    if (!this.stopped && at < chunk.length) this.keep(chunk, at)
  }

  /** Adds what the frame that was cut lacks; returns where the rest begins. */
  private complete(chunk: Uint8Array): number {
    let at = 0
    if (this.partial === undefined) {
      at = this.fill(this.head, chunk, 0)
      if (this.filled < frameHeadBytes) return at
      this.partial = this.reserve(this.head, 0)
      this.partial.set(this.head)
    }
    const { partial } = this
    at = this.fill(partial, chunk, at)
    if (this.filled < partial.length) return at
    this.partial = undefined
    this.filled = 0
    this.emit(partial, 0, partial.length)
    return at
  }

  private keep(chunk: Uint8Array, at: number): void {
    this.filled = 0
    if (chunk.length - at >= frameHeadBytes) this.partial = this.reserve(chunk, at)
    this.fill(this.partial ?? this.head, chunk, at)
  }

  private reserve(bytes: Uint8Array, at: number): Uint8Array {
    return new Uint8Array(frameHeadBytes + payloadOf(bytes, at))
  }

  private fill(target: Uint8Array, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + target.length - this.filled)
    target.set(chunk.subarray(at, end), this.filled)
    this.filled += end - at
    return end
  }

  private emit(bytes: Uint8Array, at: number, end: number): void {
    const stream = uint32(bytes, at + 4)
    this.sink(bytes[at] ?? 0, stream, bytes, at + frameHeadBytes, end)
  }
}

/** Four bytes, the highest first. */
export function uint32(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16)
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
}

function payloadOf(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  if (length <= maxPayloadBytes) return length
  throw new ServiceError(
    'bad_request',
    `fast lane: a frame of ${length} bytes is longer than ${maxPayloadBytes}`,
  )
}
