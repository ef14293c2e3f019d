import { ServiceError, type Message } from '../streams/index.js'

/**
 * The JSON that go-micro's HTTP broker posts to subscribers (PROTOCOL section 11). Pure: bytes in, bytes out.
 */

/** The path that a subscriber listens at; `?id=` names the subscription. */
export const inboxPath = '/_sub'

/** The version under which subscribers without a queue register. */
export const broadcastVersion = 'ff.http.broadcast'

/** The id of the errors that a subscriber answers with. */
export const brokerErrorId = 'go.micro.broker'

/** The registry name of a topic. */
export function topicService(topic: string): string {
  return `topic:${topic}`
}

/** The registry name of all topics in go-micro's version 1 (PROTOCOL section 14.6): the metadata of a node names its topic. */
export const brokerService = 'go.micro.http.broker'

/** One published message, as it travels. */
export interface Publication {
  readonly topic: string
  readonly message: Message
  /** Names the event to subscribers of version 1, which find its handlers by a header that goes with it. */
  readonly id?: string
}

const topicKey = ':topic'
/** What version 1 adds to the headers of a message. */
const versionOne = { topic: 'Micro-Topic', id: 'Micro-Id' } as const
/** A publication nests twice; what a stranger sends may nest a little more, in fields that nobody reads. */
const deepest = 16

/**
 * The body of a POST, as Go writes it: keys of headers in the order of their bytes, `<`, `>` and `&` escaped, the body in base64
 * or `null` when empty. Throws `bad_request` for a header that is not a text.
 */
export function encodePublication({ topic, message, id }: Publication): Buffer {
  const { headers, body } = message
  const added = {
    [topicKey]: topic,
    ...(id === undefined ? {} : { [versionOne.id]: id, [versionOne.topic]: topic }),
  }
  const entries = Object.entries(headers).filter(([key]) => !Object.hasOwn(added, key))
  entries.push(...Object.entries(added))
  entries.sort(([one], [other]) => compareBytes(one, other))
  const fields = entries.map(([key, value]) => `${quote(key, key)}:${quote(value, key)}`)
  const { buffer, byteOffset, byteLength } = body
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  const text = byteLength === 0 ? 'null' : `"${base64}"`
  return Buffer.from(`{"Header":{${fields.join(',')}},"Body":${text}}`)
}

/**
 * Reads the body of a POST. Keys may be written in any case, unknown ones are left alone; the headers of the message are those that its
 * publisher gave. Throws a ServiceError with the id
 * `go.micro.broker` and the code 500, as Go answers, for anything else: what is not JSON, has other types, or names no topic.
 */
export function decodePublication(bytes: Uint8Array): Publication {
  const { header, body } = fieldsOf(parse(bytes))
  const headers = readHeaders(header)
  const decoded = readBody(body)
  const topic = headers[topicKey]
  if (topic === undefined || topic === '')
    throw new ServiceError('internal', 'Topic not found', { id: brokerErrorId })
  const { [versionOne.id]: id } = headers
  for (const key of [topicKey, versionOne.id, versionOne.topic]) delete headers[key]
  return { topic, message: { headers, body: decoded }, ...(id === undefined ? {} : { id }) }
}

/** Texts compare like their bytes in UTF-8, but for surrogates. */
function compareBytes(one: string, other: string): number {
  if (/[\ud800-\uffff]/.test(one + other)) return Buffer.compare(Buffer.from(one), Buffer.from(other))
  return one < other ? -1 : one > other ? 1 : 0
}

function quote(text: string, key: string): string {
  if (typeof text !== 'string')
    throw new ServiceError('bad_request', `header '${key}' of a message must be a text, not ${typeof text}`)
  const json = JSON.stringify(text)
  return /[<>&\u2028\u2029]/.test(json) ? json.replace(/[<>&\u2028\u2029]/g, escapeLikeGo) : json
}

function escapeLikeGo(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function parse(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (isNestedTooDeep(text)) throw unreadable(`nested deeper than ${deepest} levels`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), error)
  }
}

/** Deep nesting costs a parser many times the memory of its text, so it is found before parsing. */
function isNestedTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = endOfString(text, at)
    else if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) depth -= 1
    if (depth > deepest) return true
  }
  return false
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length
}

function fieldsOf(value: unknown): { header: unknown; body: unknown } {
  const fields = { header: undefined as unknown, body: undefined as unknown }
  if (value === null) return fields
  if (typeof value !== 'object' || Array.isArray(value))
    throw unreadable(`${kindOf(value)} in place of an object`)
  for (const [key, field] of Object.entries(value)) {
    const name = key.toLowerCase()
    if (name === 'header' || name === 'body') fields[name] = field
  }
  return fields
}

function readHeaders(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value))
    throw unreadable(`${kindOf(value)} in place of the header`)
  const entries = Object.entries(value).map(([key, text]: [string, unknown]): [string, string] => {
    if (text !== null && typeof text !== 'string')
      throw unreadable(`${kindOf(text)} in place of header '${key}'`)
    return [key, text ?? ''] // Go reads null as no text
  })
  return Object.fromEntries(entries) // makes a plain field even of a key such as __proto__
}

function readBody(value: unknown): Uint8Array {
  if (value === undefined || value === null || value === '') return new Uint8Array(0)
  if (typeof value !== 'string') throw unreadable(`${kindOf(value)} in place of the body`)
  const text = value.replace(/[\r\n]/g, '') // Go's decoder leaves them out too
  const bytes = Buffer.from(text, 'base64')
  // Node skips what is not base64, so what came out is as long as it should be only when all of it was.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const whole = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding
  if (!whole || /[-_]/.test(text)) throw unreadable('the body is not base64')
  return bytes
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  return value === null ? 'null' : `a ${typeof value}`
}

function unreadable(why: string, cause?: unknown): ServiceError {
  return new ServiceError('internal', `Error parsing request body: ${why}`, { id: brokerErrorId, cause })
}
