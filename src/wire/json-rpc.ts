/** JSON-RPC 1.0 as go-micro writes it (PROTOCOL section 3.2, and 16 for ja-micro's answers). */
import {
  ServiceError,
  emptyBody,
  type Envelope,
  type FrameId,
  type RequestFrame,
  type ResponseFrame,
} from '../streams/index.js'
import { ByteWriter } from './byte-writer.js'
import { readId, writeId } from './json-rpc/frame-id.js'
import { isNull, parseMember, parseText, scanFirstElement, scanMembers } from './json-rpc/members.js'
import { escapeLikeGo } from './json-text.js'
import { utf8Text } from './utf8.js'

/** Options of {@link jsonRpc}. */
export interface JsonRpcOptions {
  /** The result of an answer that has none: an error, for example. @default '{}' */
  readonly noResult?: '{}' | 'null'
}

/**
 * The envelope `{"method":…,"params":[body],"id":…}`, answered by `{"id":…,"result":body,"error":null}`. It fits codecs whose
 * bodies are JSON texts. Reading, keys match in any case, the last of equal ones counts, unknown ones are ignored.
 *
 * - Request: the body is the first element of `params`. `[]` is a body of no bytes, the zero value. No list, or `null`, or
 *   no `params` at all sets the frame's `fault`. `[null]` is the body `null`.
 * - Answer: an `error` of `""` is the text `unspecified error`; one that is no string, as ja-micro's, is its JSON text. No
 *   `result` is a body of no bytes, `null` is the body `null`. An answer's id is not compared with the request's.
 */
export function jsonRpc({ noResult = '{}' }: JsonRpcOptions = {}): Envelope {
  const writer = new ByteWriter()
  const nothing = new TextEncoder().encode(noResult)
  const splice = (before: string, body: Uint8Array, after: string) => {
    const capacity = (before.length + after.length) * 3 + body.length
    return writer.start(capacity).text(before).raw(body).text(after).end()
  }
  return {
    name: 'json-rpc',
    readRequest: ({ body }) => readRequest(body),
    writeRequest: ({ endpoint, body, id }, headers) => ({
      headers,
      body: splice(`{"method":${quote(endpoint)},"params":[`, body, `],"id":${writeId(id)}}\n`),
    }),
    readResponse: ({ body }) => readResponse(body),
    writeResponse: ({ id, error, errorIsJson, body }, headers) => {
      const before = `{"id":${writeId(id)},"result":`
      if (error !== undefined && errorIsJson === true) {
        return { headers, body: splice(before, emptyBody, `null,"error":${error}}\n`) }
      }
      const answer = error === undefined && body.length > 0 ? body : nothing
      return {
        headers,
        body: splice(before, answer, `,"error":${error === undefined ? 'null' : quote(error)}}\n`),
      }
    },
  }
}

const openList = 0x5b

function readRequest(bytes: Uint8Array): RequestFrame {
  let id: FrameId = null
  let endpoint = ''
  let params: Pick<RequestFrame, 'body' | 'fault'> | undefined
  scanMembers(bytes, (key, start, end) => {
    switch (key.toLowerCase()) {
      case 'id':
        id = readId(bytes, start, end)
        break
      case 'method':
        endpoint = readMethod(bytes, start, end)
        break
      case 'params':
        params = readParams(bytes, start, end)
        break
      default:
        parseMember(bytes, start, end) // nobody else would notice that it is damaged
    }
  })
  return { id, endpoint, ...(params ?? noParams('there are no params')) }
}

function readMethod(bytes: Uint8Array, start: number, end: number): string {
  if (isNull(bytes, start, end)) return ''
  const method = parseText(bytes, start, end)
  if (method !== undefined) return method
  const found = kindOfValue(parseMember(bytes, start, end))
  throw new ServiceError('bad_request', `json-rpc: method is ${found}, not a string`)
}

function readParams(bytes: Uint8Array, start: number, end: number): Pick<RequestFrame, 'body' | 'fault'> {
  if (bytes[start] !== openList) return noParams(`params is ${kindOfValue(parseMember(bytes, start, end))}`)
  const first = scanFirstElement(bytes, start)
  if (first.count > 1) parseMember(bytes, start, end) // the elements after the first: as above
  return { body: first.count === 0 ? emptyBody : bytes.subarray(first.start, first.end) }
}

function noParams(found: string): Pick<RequestFrame, 'body' | 'fault'> {
  const fault = new ServiceError('bad_request', `json-rpc: ${found}; it must be a list of one request`)
  return { body: emptyBody, fault }
}

function kindOfValue(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function readResponse(bytes: Uint8Array): ResponseFrame {
  let id: FrameId = null
  let error: string | undefined
  let body = emptyBody
  scanMembers(bytes, (key, start, end) => {
    switch (key.toLowerCase()) {
      case 'id':
        id = readId(bytes, start, end)
        break
      case 'error':
        error = readError(bytes, start, end)
        break
      case 'result':
        body = bytes.subarray(start, end)
        break
      default:
        parseMember(bytes, start, end)
    }
  })
  return error === undefined ? { id, endpoint: '', body } : { id, endpoint: '', error, body: emptyBody }
}

function readError(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (isNull(bytes, start, end)) return undefined
  const error = parseText(bytes, start, end)
  if (error !== undefined) return error === '' ? 'unspecified error' : error
  parseMember(bytes, start, end)
  return utf8Text(bytes, 'json-rpc', start, end)
}

function quote(text: string): string {
  return /^[A-Za-z0-9._-]*$/.test(text) ? `"${text}"` : escapeLikeGo(JSON.stringify(text))
}
