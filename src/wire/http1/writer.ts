import { ServiceError, type Message, type Metadata } from '../../streams/index.js'
import { HeaderNames } from './header-names.js'
import { LastHead } from './last-head.js'

/**
 * The key under which a response's status travels in the headers of a {@link Message}: `500 Internal Server Error`. Absent for `200 OK`. No
 * header of the wire can have this name.
 */
export const statusKey = ':status'

/** Headers that the framing owns: what a message says about them is not sent. */
const owned = new Set([
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Trailer',
  'Connection',
  'Upgrade',
  'Keep-Alive',
])

interface HeaderLine {
  readonly value: string
  readonly canonical: string
  /** Empty for a header that is not sent. */
  readonly line: string
}

/** How many header names a writer remembers with their last value. */
const remembered = 128

/**
 * Writes the heads of messages as go-micro does (PROTOCOL section 2.1): the framing first, then the headers by their canonical names in
 * alphabetical order. A head is a string of one byte per character, ready to be written as latin1; the body follows it unchanged.
 * One for each connection, because it remembers the headers that repeat.
 */
export class HeadWriter {
  private readonly names = new HeaderNames()
  private readonly lines = new Map<string, HeaderLine>()
  /** The keys of the last message, and those of them that are sent, sorted. */
  private keys: readonly string[] = []
  private order: readonly string[] = []
  private readonly last = new LastHead()

  /** `POST / HTTP/1.1` to a host, or to another `target` there. Throws `bad_request` for a header name that HTTP cannot carry. */
  request(host: string, userAgent: string, message: Message, target = '/'): string {
    const start = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n`
    const known = this.last.match(message, start)
    if (known !== undefined) return known
    const { headers, body } = message
    const agent = headers['User-Agent'] === undefined ? `User-Agent: ${userAgent}\r\n` : ''
    const framing = `${start}${agent}Content-Length: ${body.byteLength}\r\n`
    return this.last.remember(message, start, `${framing}${this.headerLines(headers)}\r\n`)
  }

  /** `HTTP/1.1 200 OK`, or the status under {@link statusKey}; `last` adds `Connection: close`. Throws `bad_request` for a header name that HTTP cannot carry. */
  response(message: Message, last: boolean): string {
    const connection = last ? 'Connection: close\r\n' : ''
    const known = this.last.match(message, connection)
    if (known !== undefined) return known
    const { headers, body } = message
    const status = headers[statusKey] ?? '200 OK'
    const framing = `HTTP/1.1 ${oneLine(status)}\r\nContent-Length: ${body.byteLength}\r\n${connection}`
    return this.last.remember(message, connection, `${framing}${this.headerLines(headers)}\r\n`)
  }

  private headerLines(headers: Metadata): string {
    if (!this.hasSameKeys(headers)) this.learnOrder(headers)
    let text = ''
    for (const key of this.order) text += this.lineOf(key, headers[key] ?? '').line
    return text
  }

  private hasSameKeys(headers: Metadata): boolean {
    let at = 0
    for (const key in headers) {
      if (this.keys[at] !== key) return false
      at += 1
    }
    return at === this.keys.length
  }

  /** Of two keys with one canonical form the later wins, as in Go's `Header.Set`. */
  private learnOrder(headers: Metadata): void {
    const keys: string[] = []
    const byName = new Map<string, string>()
    for (const key in headers) {
      keys.push(key)
      byName.set(this.lineOf(key, headers[key] ?? '').canonical, key)
    }
    this.keys = keys
    this.order = [...byName.keys()].sort().map(name => byName.get(name) ?? name)
  }

  private lineOf(key: string, value: string): HeaderLine {
    const known = this.lines.get(key)
    return known !== undefined && known.value === value ? known : this.makeLine(key, value)
  }

  private makeLine(key: string, value: string): HeaderLine {
    const canonical = key.startsWith(':') ? key : this.names.lookup(key)?.canonical
    if (canonical === undefined) {
      throw new ServiceError('bad_request', `HTTP cannot carry a header named ${JSON.stringify(key)}`)
    }
    const sent = !owned.has(canonical) && !key.startsWith(':')
    const made = { value, canonical, line: sent ? `${canonical}: ${oneLine(value)}\r\n` : '' }
    if (this.lines.size < remembered || this.lines.has(key)) this.lines.set(key, made)
    return made
  }
}

/** A value as it may stand in a head: in UTF-8, one byte per character, and without line breaks (PROTOCOL section 18, trap 2). */
function oneLine(value: string): string {
  if (!/[^\t\x20-\x7e]/.test(value)) return value
  const clean = value.replace(/[\r\n\0]/g, ' ')
  return Buffer.from(clean, 'utf8').toString('latin1')
}
