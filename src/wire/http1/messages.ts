import type { Message } from '../../streams/index.js'
import { ServiceError } from '../../streams/index.js'
import { malformed, type Head } from './head.js'

/** A request as it was received: a message, and what surrounded it. */
export interface HttpRequest extends Message {
  readonly method: string
  /** The request target: a path with query, `*` or an absolute form. */
  readonly target: string
  /** `1.1`, `1.0`, or `2.0` for the preface of HTTP/2. */
  readonly version: string
  /** The peer sends nothing further after this (`Connection: close`). */
  readonly last: boolean
  /** The protocol that the peer asks to change to with `Upgrade`; empty when it does not. */
  readonly upgrade: string
}

/** A response as it was received: a message, and its status. */
export interface HttpResponse extends Message {
  readonly status: number
  /** The reason phrase; may be empty. */
  readonly reason: string
  /** The peer takes nothing further after this (`Connection: close`, or HTTP/1.0 without `keep-alive`). */
  readonly last: boolean
}

/** How one kind of message begins, and what is made of it. */
export interface Grammar<Start, M> {
  /** Throws `bad_request`. */
  start(line: string): Start
  /** How the body ends where no header says it. */
  bodyWithoutLength(start: Start): 'none' | 'until-close'
  /** Whether a message of this start has no body whatever its headers say. */
  bodyless(start: Start): boolean
  /** `undefined` for a message that only says that another follows. */
  build(start: Start, head: Head, body: Uint8Array): M | undefined
}

interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: string
}

/** Requests: what a server reads. */
export const requestGrammar: Grammar<RequestLine, HttpRequest> = {
  start(line) {
    const [, method, target, version] =
      /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/([0-9]\.[0-9])$/.exec(line) ?? []
    if (method === undefined || target === undefined || version === undefined) {
      throw malformed(`the request line ${JSON.stringify(line.slice(0, 60))}`)
    }
    if (!version.startsWith('1.') && method !== 'PRI') throw unknownVersion(version)
    return { method, target, version }
  },
  bodyWithoutLength: () => 'none',
  bodyless: () => false,
  build: ({ method, target, version }, head, body) => ({
    headers: head.headers,
    body,
    method,
    target,
    version,
    last: saysClose(head),
    upgrade: head.upgrade,
  }),
}

interface StatusLine {
  readonly status: number
  readonly reason: string
  /** HTTP/1.0, which keeps a connection only where it says so. */
  readonly old: boolean
}

/** Responses: what a client reads. `100 Continue` and its like are passed over. */
export const responseGrammar: Grammar<StatusLine, HttpResponse> = {
  start(line) {
    const [, version, status, reason = ''] =
      /^HTTP\/([0-9]\.[0-9]) ([1-9][0-9]{2})(?: (.*))?$/.exec(line) ?? []
    if (version === undefined) throw malformed(`the status line ${JSON.stringify(line.slice(0, 60))}`)
    if (!version.startsWith('1.')) throw unknownVersion(version)
    return { status: Number(status), reason, old: version === '1.0' }
  },
  bodyWithoutLength: () => 'until-close',
  bodyless: ({ status }) => status < 200 || status === 204 || status === 304,
  build: ({ status, reason, old }, head, body) => {
    if (status < 200 && status !== 101) return undefined
    const last = saysClose(head) || (old && !head.connection.includes('keep-alive'))
    return { headers: head.headers, body, status, reason, last }
  },
}

function saysClose({ connection }: Head): boolean {
  return connection !== '' && /(?:^|,)[ \t]*close[ \t]*(?:,|$)/.test(connection)
}

function unknownVersion(version: string): ServiceError {
  return new ServiceError('bad_request', `HTTP version ${version} is not spoken here`, { code: 505 })
}
