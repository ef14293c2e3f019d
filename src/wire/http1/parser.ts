import { ServiceError, emptyBody } from '../../streams/index.js'
import { ChunkedBody, bodyTooLarge } from './chunked-body.js'
import { malformed, parseHead, type Head } from './head.js'
import { HeaderNames } from './header-names.js'
import {
  requestGrammar,
  responseGrammar,
  type Grammar,
  type HttpRequest,
  type HttpResponse,
} from './messages.js'
import { RepeatedHead } from './repeated-head.js'

/** What one message may be. */
export interface HttpLimits {
  /** The start line and all headers, in bytes. */
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
}

/**
 * A parser of requests, for one connection. `admit` sees the head of a request before its body is read, and throws when that is not wanted;
 * a head that repeats one that was admitted is not shown again.
 */
export function createRequestParser(
  limits: HttpLimits,
  admit: (head: Head) => void = () => undefined,
): HttpParser<HttpRequest> {
  return new MessageParser(requestGrammar, limits, admit)
}

/** A parser of responses, for one connection. */
export function createResponseParser(limits: HttpLimits): HttpParser<HttpResponse> {
  return new MessageParser(responseGrammar, limits, () => undefined)
}

/**
 * Reads HTTP/1.1 messages from bytes in pieces of any size (PROTOCOL sections 2.1 and 2.3). It keeps the bytes it was given until they are
 * asked for, so who stops asking stops the memory. Bodies are views of the given bytes where one piece holds the whole body.
 */
export interface HttpParser<M> {
  /** Adds bytes, which belong to the parser from then on. */
  push(bytes: Uint8Array): void
  /** The next whole message, or `undefined` when bytes are missing. Throws `bad_request` or `resource_exhausted`, from then on always the same. */
  next(): M | undefined
  /** The peer has ended: a last message whose body ended with the connection. Throws `bad_request` in the middle of a message. */
  finish(): M | undefined
  /** Whether a message has begun that is not whole yet. */
  readonly partial: boolean
  /** Whether the head of the message that has begun was read. */
  readonly hasHead: boolean
  /** The bytes that were not read yet; the parser forgets them. For a connection that goes on with another protocol. */
  takeRest(): Uint8Array
}

const none = Buffer.alloc(0)
const lineFeed = 10
const carriageReturn = 13

/** A message whose head was read and whose body was not. */
interface Begun<Start> {
  readonly start: Start
  readonly head: Head
  readonly framing: 'length' | 'chunked' | 'until-close'
  readonly length: number
}

class MessageParser<Start, M> implements HttpParser<M> {
  private readonly names = new HeaderNames()
  private buffer: Buffer = none
  private start = 0
  private end = 0
  /** Up to here there is no end of a head. */
  private scanned = 0
  private begun: Begun<Start> | undefined
  private chunks: ChunkedBody | undefined
  private readonly repeated = new RepeatedHead<Begun<Start>>()
  private lastLine: { readonly text: string; readonly start: Start } | undefined
  private failure: ServiceError | undefined
  /** Whether the buffer was made here, so that bytes may be written behind its end. */
  private owned = false

  constructor(
    private readonly grammar: Grammar<Start, M>,
    private readonly limits: HttpLimits,
    private readonly admit: (head: Head) => void,
  ) {}

  get partial(): boolean {
    return this.begun !== undefined || this.start < this.end
  }

  get hasHead(): boolean {
    return this.begun !== undefined
  }

  push(bytes: Uint8Array): void {
    if (this.failure !== undefined || bytes.byteLength === 0) return
    if (this.start < this.end) {
      this.append(bytes)
    } else {
      this.buffer = asBuffer(bytes)
      this.owned = false
      this.start = 0
      this.end = bytes.byteLength
      this.scanned = 0
    }
  }

  next(): M | undefined {
    if (this.failure !== undefined) throw this.failure
    try {
      return this.parse()
    } catch (error) {
      throw this.fail(error)
    }
  }

  finish(): M | undefined {
    const last = this.next()
    if (last !== undefined || !this.partial) return last
    const { begun } = this
    if (begun?.framing !== 'until-close') throw this.fail(malformed('it ended in the middle'))
    return this.build(begun, this.takeBody(this.end - this.start))
  }

  takeRest(): Uint8Array {
    const rest = this.buffer.subarray(this.start, this.end)
    this.forget()
    return rest
  }

  private parse(): M | undefined {
    while (this.begun !== undefined || this.readHead()) {
      const begun = this.begun as Begun<Start>
      const body = this.readBody(begun)
      if (body === undefined) return undefined
      const message = this.build(begun, body)
      if (message !== undefined) return message
    }
    return undefined
  }

  private build({ start, head }: Begun<Start>, body: Uint8Array): M | undefined {
    this.begun = undefined
    this.chunks = undefined
    this.scanned = this.start
    return this.grammar.build(start, head, body)
  }

  private readHead(): boolean {
    this.skipBlankLines()
    this.begun = this.repeated.match(this.buffer, this.start, this.end)
    if (this.begun !== undefined) {
      this.start += this.repeated.length
      return true
    }
    const headEnd = this.findHeadEnd()
    const { maxHeaderBytes } = this.limits
    if ((headEnd < 0 ? this.end : headEnd) - this.start > maxHeaderBytes) {
      throw new ServiceError('resource_exhausted', `a head beyond the limit of ${maxHeaderBytes} bytes`, {
        code: 431,
      })
    }
    if (headEnd < 0) return false
    const head = parseHead(this.buffer, this.start, this.scanned, this.names)
    this.admit(head)
    const bytes = this.buffer.subarray(this.start, headEnd)
    this.start = headEnd
    const begun = this.begin(head)
    this.begun = begun
    if (begun.framing === 'length') this.repeated.remember(bytes, begun)
    return true
  }

  private begin(head: Head): Begun<Start> {
    const start = this.startLine(head.startLine)
    if (this.grammar.bodyless(start)) return { start, head, framing: 'length', length: 0 }
    if (head.chunked) {
      this.chunks = new ChunkedBody(this.limits.maxBodyBytes, this.limits.maxHeaderBytes)
      return { start, head, framing: 'chunked', length: 0 }
    }
    if (head.length === undefined && this.grammar.bodyWithoutLength(start) === 'until-close') {
      return { start, head, framing: 'until-close', length: 0 }
    }
    const { length = 0 } = head
    if (length > this.limits.maxBodyBytes) throw bodyTooLarge(this.limits.maxBodyBytes)
    return { start, head, framing: 'length', length }
  }

  /** Peers begin all their messages alike, so the last line is remembered. */
  private startLine(text: string): Start {
    if (this.lastLine?.text === text) return this.lastLine.start
    const start = this.grammar.start(text)
    this.lastLine = { text, start }
    return start
  }

  private readBody({ framing, length }: Begun<Start>): Uint8Array | undefined {
    const available = this.end - this.start
    if (framing === 'length') return available < length ? undefined : this.takeBody(length)
    if (framing === 'chunked') return this.readChunks()
    if (available > this.limits.maxBodyBytes) throw bodyTooLarge(this.limits.maxBodyBytes)
    return undefined
  }

  private readChunks(): Uint8Array | undefined {
    const { chunks } = this
    if (chunks === undefined) return emptyBody
    this.start = chunks.read(this.buffer, this.start, this.end)
    return chunks.done ? chunks.body : undefined
  }

  private takeBody(length: number): Uint8Array {
    if (length === 0) return emptyBody
    const body = this.buffer.subarray(this.start, this.start + length)
    this.start += length
    return body
  }

  /** RFC 9112 section 2.2: a reader passes over empty lines before a message. */
  private skipBlankLines(): void {
    while (this.start < this.end) {
      const byte = this.buffer[this.start]
      const isReturn = byte === carriageReturn && this.buffer[this.start + 1] === lineFeed
      if (byte !== lineFeed && !(isReturn && this.start + 1 < this.end)) break
      this.start += isReturn ? 2 : 1
    }
    this.scanned = Math.max(this.scanned, this.start)
  }

  /** The position after the blank line, or -1. Leaves `scanned` at the blank line, so that the head ends there. */
  private findHeadEnd(): number {
    const { buffer, end } = this
    for (let at = this.scanned; at < end; at += 1) {
      if (buffer[at] !== lineFeed) continue
      this.scanned = at
      const next = at + 1 < end ? buffer[at + 1] : undefined
      if (next === undefined) return -1
      if (next === carriageReturn && at + 2 >= end) return -1
      const blank =
        next === lineFeed ? at + 1 : next === carriageReturn && buffer[at + 2] === lineFeed ? at + 2 : -1
      if (blank < 0) continue
      this.scanned = at + 1
      return blank + 1
    }
    this.scanned = end
    return -1
  }

  /** What is read stays valid: bytes are only ever written behind the end. */
  private append(bytes: Uint8Array): void {
    const held = this.end - this.start
    const needed = held + bytes.byteLength
    if (this.owned && this.buffer.byteLength - this.end >= bytes.byteLength) {
      this.buffer.set(bytes, this.end)
      this.end += bytes.byteLength
      return
    }
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.capacityFor(held)))
    larger.set(this.buffer.subarray(this.start, this.end))
    larger.set(bytes, held)
    this.scanned -= this.start
    this.buffer = larger
    this.start = 0
    this.end = needed
    this.owned = true
  }

  /** Grows by factors, so that many small pieces cost no more than few large ones. */
  private capacityFor(held: number): number {
    return this.begun?.framing === 'length' ? Math.min(this.begun.length, held * 4) : held * 2
  }

  private fail(error: unknown): ServiceError {
    this.failure = ServiceError.from(error)
    this.forget()
    return this.failure
  }

  private forget(): void {
    this.buffer = none
    this.owned = false
    this.start = this.end = this.scanned = 0
    this.begun = undefined
    this.chunks = undefined
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
