import { ServiceError } from '../../streams/index.js'
import { utf8Text } from '../utf8.js'

/** Called for each member of an object: its key, and where its value's text starts and ends. */
export type VisitMember = (key: string, start: number, end: number) => void

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const closeList = 0x5d
const backslash = 0x5c
const openObject = 0x7b
const closeObject = 0x7d
const openList = 0x5b

/** The end of a string that is not longer is found faster by a loop than by the platform. */
const shortString = 64

/**
 * Finds the members of the JSON object that `bytes` are, without parsing their values: those are only stepped over, so
 * who uses a value must parse it. Throws `bad_request` for anything but one object.
 */
export function scanMembers(bytes: Uint8Array, visit: VisitMember): void {
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== openObject) throw damaged(bytes, at, 'an object must start')
  at = skipSpace(bytes, at + 1)
  while (bytes[at] !== closeObject) {
    const keyEnd = endOfString(bytes, at)
    const start = skipSpace(bytes, expectByte(bytes, skipSpace(bytes, keyEnd), colon))
    const end = endOfValue(bytes, start)
    visit(parseText(bytes, at, keyEnd) ?? '', start, end)
    at = nextMember(bytes, end, closeObject)
  }
  at = skipSpace(bytes, at + 1)
  if (at < bytes.length) throw damaged(bytes, at, 'the end must follow')
}

/** Where the first element of the list that starts at `start` begins and ends, and how many there are. */
export function scanFirstElement(
  bytes: Uint8Array,
  start: number,
): { readonly start: number; readonly end: number; readonly count: number } {
  let at = skipSpace(bytes, start + 1)
  const first = { start: at, end: at, count: 0 }
  while (bytes[at] !== closeList) {
    const end = endOfValue(bytes, at)
    if (first.count === 0) first.end = end
    first.count += 1
    at = nextMember(bytes, end, closeList)
  }
  return first
}

/** Over the comma to the next member, or to the closing bracket. */
function nextMember(bytes: Uint8Array, end: number, closing: number): number {
  const at = skipSpace(bytes, end)
  if (bytes[at] === closing) return at
  const next = skipSpace(bytes, expectByte(bytes, at, comma))
  if (bytes[next] === closing) throw damaged(bytes, next, 'a member must follow the comma')
  return next
}

/** The value of a member that is a string; `undefined` when it is none. Throws as {@link parseMember} does. */
export function parseText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (bytes[start] !== quote) return undefined
  const text = utf8Text(bytes, 'json-rpc', start + 1, end - 1)
  // A control character is not allowed in a string: the parser says so.
  return /[\\\u0000-\u001f]/.test(text) ? (parseMember(bytes, start, end) as string) : text
}

/** The value of a member is the word `null`. */
export function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && utf8Text(bytes, 'json-rpc', start, end) === 'null'
}

/** The value of a member. Throws `bad_request` when it is not JSON. */
export function parseMember(bytes: Uint8Array, start: number, end: number): unknown {
  const text = utf8Text(bytes, 'json-rpc', start, end)
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new ServiceError('bad_request', `json-rpc: ${(cause as Error).message}`, { cause })
  }
}

/** The index after the value that starts at `start`. Brackets are counted, not matched: the value's reader does that. */
function endOfValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start]
  if (first === quote) return endOfString(bytes, start)
  if (first !== openObject && first !== openList) return endOfScalar(bytes, start)
  let depth = 0
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at) - 1
    else if (byte === openObject || byte === openList) depth += 1
    else if (byte === closeObject || byte === closeList) depth -= 1
    if (depth === 0) return at + 1
  }
  throw damaged(bytes, bytes.length, 'a bracket must close')
}

/** The index after the string that starts at `start`. */
function endOfString(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== quote) throw damaged(bytes, start, 'a string must start')
  const nearby = Math.min(bytes.length, start + shortString)
  let at = start + 1
  for (; at < nearby; at += 1) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at += 1
  }
  let end = bytes.indexOf(quote, at)
  while (end >= 0 && isEscaped(bytes, at, end)) end = bytes.indexOf(quote, end + 1)
  if (end < 0) throw damaged(bytes, bytes.length, 'a string must end')
  return end + 1
}

/** An odd number of backslashes stands before `end`, none of them before `from`. */
function isEscaped(bytes: Uint8Array, from: number, end: number): boolean {
  let first = end
  while (first > from && bytes[first - 1] === backslash) first -= 1
  return (end - first) % 2 === 1
}

function endOfScalar(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && !endsScalar(bytes[at])) at += 1
  if (at === start) throw damaged(bytes, at, 'a value must start')
  return at
}

function endsScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeObject || byte === closeList || isSpace(byte)
}

function expectByte(bytes: Uint8Array, at: number, wanted: number): number {
  if (bytes[at] !== wanted) throw damaged(bytes, at, `'${String.fromCharCode(wanted)}' must follow`)
  return at + 1
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (isSpace(bytes[at])) at += 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function damaged(bytes: Uint8Array, at: number, expected: string): ServiceError {
  const byte = bytes[at]
  const found = byte === undefined ? 'the text ends' : `it is 0x${byte.toString(16).padStart(2, '0')}`
  return new ServiceError('bad_request', `json-rpc: at byte ${at} ${expected}, but ${found}`)
}
