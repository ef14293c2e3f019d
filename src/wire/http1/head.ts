import { ServiceError } from '../../streams/index.js'
import type { HeaderNames } from './header-names.js'

/** The start line and the headers of a message, and what they say about its framing. */
export interface Head {
  readonly startLine: string
  /** By canonical name, the first value of each; without `Host` and `Transfer-Encoding`. */
  readonly headers: Record<string, string>
  /** The value of `Content-Length`, if there is one. */
  length: number | undefined
  chunked: boolean
  /** The value of `Connection` in lower case; empty without one. */
  connection: string
  /** The value of `Upgrade`; empty without one. */
  upgrade: string
}

/** Characters that no head may hold, and those that make it more than ASCII. */
const unusual = /[\0\x80-\xff]|\r(?!\n)/

/**
 * Reads a whole head: `bytes` from `start` up to the blank line at `end`. Throws `bad_request` for what is malformed, and for what two
 * readers could understand differently: folded lines, two lengths, a length beside a transfer encoding (PROTOCOL section 2.1).
 */
export function parseHead(bytes: Buffer, start: number, end: number, names: HeaderNames): Head {
  let text = bytes.toString('latin1', start, end)
  if (unusual.test(text)) text = readUnusual(text, bytes, start, end)
  const firstEnd = text.indexOf('\n')
  const head: Head = {
    startLine: withoutReturn(text, 0, firstEnd),
    headers: {},
    length: undefined,
    chunked: false,
    connection: '',
    upgrade: '',
  }
  let at = firstEnd + 1
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at)
    readLine(text, at, lineEnd, head, names)
    at = lineEnd + 1
  }
  Object.freeze(head.headers) // messages whose heads are alike share them
  if (head.chunked && head.length !== undefined) throw malformed('both Content-Length and Transfer-Encoding')
  return head
}

/** An error for a message that breaks HTTP. */
export function malformed(what: string): ServiceError {
  return new ServiceError('bad_request', `malformed HTTP message: ${what}`)
}

function readUnusual(text: string, bytes: Buffer, start: number, end: number): string {
  if (text.includes('\0')) throw malformed('a zero byte in the head')
  if (/\r(?!\n)/.test(text)) throw malformed('a carriage return without a line feed in the head')
  return bytes.toString('utf8', start, end)
}

function readLine(text: string, start: number, lineEnd: number, head: Head, names: HeaderNames): void {
  const colon = text.indexOf(':', start)
  if (colon < 0 || colon > lineEnd)
    throw malformed(`a header line without a colon: ${shown(text, start, lineEnd)}`)
  const name = names.lookup(text.slice(start, colon))
  if (name === undefined) throw malformed(`a header name that is none: ${shown(text, start, colon)}`)
  const value = trimmed(text, colon + 1, lineEnd)
  const { canonical, role } = name
  if (role !== 'plain' && !keepFraming(head, role, value)) return
  if (head.headers[canonical] === undefined) head.headers[canonical] = value
}

/** Takes note of a header that concerns framing; false when it is not for the receiver to see. */
function keepFraming(head: Head, role: string, value: string): boolean {
  if (role === 'length') head.length = readLength(value, head.length)
  else if (role === 'connection') head.connection += `${value.toLowerCase()},`
  else if (role === 'upgrade') head.upgrade ||= value
  else if (role === 'encoding') {
    if (head.chunked || value.toLowerCase() !== 'chunked') throw malformed(`Transfer-Encoding '${value}'`)
    head.chunked = true
  }
  return role !== 'host' && role !== 'encoding'
}

function readLength(value: string, before: number | undefined): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw malformed(`Content-Length '${value}'`)
  const length = Number(value)
  if (before !== undefined && before !== length) throw malformed(`two lengths, ${before} and ${length}`)
  return length
}

function withoutReturn(text: string, start: number, end: number): string {
  return text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
}

const isBlank = (code: number) => code === 32 || code === 9 || code === 13

function trimmed(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

function shown(text: string, start: number, end: number): string {
  return JSON.stringify(text.slice(start, Math.min(end, start + 60)))
}
