import { ServiceError, emptyBody } from '../../streams/index.js'
import { malformed } from './head.js'

/** The longest line that gives the size of a chunk, extensions included, in bytes. */
const maxSizeLine = 4096
const lineFeed = 10

/** Reads a chunked body piece by piece; trailers are read over. */
export class ChunkedBody {
  private state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  private bytes: Uint8Array = emptyBody
  private length = 0
  private missing = 0
  private trailerBytes = 0

  constructor(
    private readonly maxBodyBytes: number,
    private readonly maxTrailerBytes: number,
  ) {}

  /** Whether the last chunk and the trailers were read. */
  get done(): boolean {
    return this.state === 'done'
  }

  /** What was read so far. */
  get body(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  /** Reads what it can from `start` and returns the position of the first byte that it left. Throws `bad_request` and `resource_exhausted`. */
  read(input: Buffer, start: number, end: number): number {
    let at = start
    while (this.state !== 'done') {
      const next = this.state === 'data' ? this.readData(input, at, end) : this.readLine(input, at, end)
      if (next === at) break
      at = next
    }
    return at
  }

  private readData(input: Buffer, start: number, end: number): number {
    const size = Math.min(this.missing, end - start)
    this.append(input.subarray(start, start + size))
    this.missing -= size
    if (this.missing === 0) this.state = 'data-end'
    return start + size
  }

  private readLine(input: Buffer, start: number, end: number): number {
    const found = input.indexOf(lineFeed, start)
    if (found < 0 || found >= end) {
      if (end - start > maxSizeLine) throw malformed(`a line of a chunked body beyond ${maxSizeLine} bytes`)
      return start
    }
    const line = input.toString('latin1', start, found).replace(/\r$/, '')
    if (this.state === 'size') this.takeSize(line)
    else if (this.state === 'trailer') this.takeTrailer(line)
    else if (line === '') this.state = 'size'
    else throw malformed('a chunk longer than its size')
    return found + 1
  }

  private takeSize(line: string): void {
    const [, digits] = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? []
    if (digits === undefined) throw malformed(`the chunk size ${JSON.stringify(line.slice(0, 60))}`)
    this.missing = Number.parseInt(digits, 16)
    if (this.length + this.missing > this.maxBodyBytes) throw bodyTooLarge(this.maxBodyBytes)
    this.state = this.missing === 0 ? 'trailer' : 'data'
  }

  private takeTrailer(line: string): void {
    this.trailerBytes += line.length
    if (this.trailerBytes > this.maxTrailerBytes) {
      throw malformed(`trailers beyond ${this.maxTrailerBytes} bytes`)
    }
    if (line === '') this.state = 'done'
  }

  private append(piece: Uint8Array): void {
    const needed = this.length + piece.byteLength
    if (needed > this.bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, Math.min(this.length * 2, this.maxBodyBytes)))
      larger.set(this.body)
      this.bytes = larger
    }
    this.bytes.set(piece, this.length)
    this.length = needed
  }
}

/** An error for a body beyond the limit; its code is HTTP's 413. */
export function bodyTooLarge(maxBodyBytes: number): ServiceError {
  return new ServiceError('resource_exhausted', `a body beyond the limit of ${maxBodyBytes} bytes`, {
    code: 413,
  })
}
