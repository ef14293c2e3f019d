import { ServiceError, type Metadata } from '../../streams/index.js'
import { utf8Text } from '../utf8.js'
import { firstPair, staticNames, staticPairs } from './static-headers.js'

interface Remembered {
  readonly bytes: Uint8Array
  readonly text: string
}

const longestRemembered = 64

/** A longer block is read each time. */
const longestBlock = 128

/** Reads header blocks. One for each connection: a block, or a value, that repeats is read once. */
export class HeaderDecoder {
  private readonly last: (Remembered | undefined)[] = []
  private readonly block = new Uint8Array(longestBlock)
  /** How much of it is the block that was read last. */
  private blockBytes = -1
  /** What that block says, if it has come twice. */
  private repeated: Metadata | undefined
  private at = 0

  /** The headers of a block that is exactly as long; those of one that repeats are one object, which cannot be changed. Throws `bad_request` for anything else. */
  decode(bytes: Uint8Array, start: number, end: number): Metadata {
    if (this.blockBytes === end - start && same(this.block, bytes, start, this.blockBytes)) {
      this.repeated ??= Object.freeze(this.read(bytes, start, end))
      return this.repeated
    }
    this.remember(bytes, start, end - start)
    return this.read(bytes, start, end)
  }

  private remember(bytes: Uint8Array, start: number, size: number): void {
    const { block } = this
    this.repeated = undefined
    this.blockBytes = size <= longestBlock ? size : -1
    for (let n = 0; n < this.blockBytes; n += 1) block[n] = bytes[start + n] ?? 0
  }

  private read(bytes: Uint8Array, start: number, end: number): Metadata {
    const headers: Record<string, string> = {}
    this.at = start
    while (this.at < end) {
      const kind = bytes[this.at] ?? 0
      this.at += 1
      if (kind >= firstPair) {
        const pair = staticPairs[kind - firstPair]
        if (pair === undefined) throw damaged(`there is no header pair ${kind}`)
        headers[pair[0]] = pair[1]
      } else if (kind === 0) {
        const name = this.text(bytes, end)
        headers[name] = this.text(bytes, end)
      } else {
        const name = staticNames[kind - 1]
        if (name === undefined) throw damaged(`there is no header name ${kind}`)
        headers[name] = this.known(kind, bytes, end)
      }
    }
    return headers
  }

  private known(kind: number, bytes: Uint8Array, end: number): string {
    const size = this.size(bytes, end)
    const from = this.at
    this.at += size
    const last = this.last[kind]
    if (last?.bytes.length === size && same(last.bytes, bytes, from, size)) return last.text
    const text = utf8Text(bytes, 'a header', from, from + size)
    if (size <= longestRemembered) this.last[kind] = { bytes: bytes.slice(from, from + size), text }
    return text
  }

  private text(bytes: Uint8Array, end: number): string {
    const size = this.size(bytes, end)
    const from = this.at
    this.at += size
    return utf8Text(bytes, 'a header', from, from + size)
  }

  private size(bytes: Uint8Array, end: number): number {
    let size = 0
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = bytes[this.at] ?? 0
      this.at += 1
      size |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        if (this.at + size > end) throw damaged('a header reaches beyond its block')
        return size
      }
    }
    throw damaged('the length of a header has more than three bytes')
  }
}

function same(known: Uint8Array, bytes: Uint8Array, from: number, size: number): boolean {
  for (let n = size - 1; n >= 0; n -= 1) if (known[n] !== bytes[from + n]) return false
  return true
}

function damaged(what: string): ServiceError {
  return new ServiceError('bad_request', `fast lane: ${what}`)
}
