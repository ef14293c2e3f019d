/**
 * The one error class of headrace, and its form on the wire.
 *
 * Source of the wire form: PROTOCOL section 4 (go-micro `errors/errors.go`).
 */

/** The closed set of reasons why an operation failed. Each has one code; see {@link codeOf}. */
export type ErrorKind =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'timeout'
  | 'conflict'
  | 'resource_exhausted'
  | 'cancelled'
  | 'internal'
  | 'unimplemented'
  | 'unavailable'

const codes: Readonly<Record<ErrorKind, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  timeout: 408,
  conflict: 409,
  resource_exhausted: 429,
  cancelled: 499,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
}

const kinds: ReadonlyMap<number, ErrorKind> = new Map(
  Object.entries(codes).map(([kind, code]) => [code, kind as ErrorKind]),
)

/** The reason phrases of HTTP, as Go's table has them; a code without one has the empty phrase. */
const phrases: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  102: 'Processing',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  208: 'Already Reported',
  226: 'IM Used',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  510: 'Not Extended',
  511: 'Network Authentication Required',
}

/** The code that stands for a kind on the wire. */
export function codeOf(kind: ErrorKind): number {
  return codes[kind]
}

/** The kind of a code. A code that is not in the table gets the kind of its class: 4xx `bad_request`, all else `internal`. */
export function kindOf(code: number): ErrorKind {
  return kinds.get(code) ?? (code >= 400 && code < 500 ? 'bad_request' : 'internal')
}

/** Go's reason phrase of an HTTP code, or `''` for a code that has none. */
export function phraseOf(code: number): string {
  return phrases[code] ?? ''
}

/** What a {@link ServiceError} may carry besides its kind and detail. */
export interface ServiceErrorInit {
  /** Who reports: a service name, or a part of the runtime such as `headrace.client`. Default `headrace`. */
  readonly id?: string
  /** The code on the wire where it is not the kind's own: an unknown code of a peer is kept. */
  readonly code?: number
  /** The reason phrase where a peer sent another than the code's own. */
  readonly status?: string
  /** What caused it. Stays in this process: it is never written to the wire. */
  readonly cause?: unknown
}

/** The id of an error answer that the runtime wrote before any handler was called; such a call may be tried again. */
export const refusedId = 'headrace.refused'

/**
 * The error of every failed operation. `message` says what failed, with which value; `kind` says what to do about it.
 * It is go-micro's `{ id, code, detail, status }` on the wire.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly kind: ErrorKind
  readonly id: string
  readonly code: number
  readonly status: string

  constructor(kind: ErrorKind, detail: string, init: ServiceErrorInit = {}) {
    super(detail, init.cause === undefined ? undefined : { cause: init.cause })
    this.kind = kind
    this.id = init.id ?? 'headrace'
    this.code = init.code ?? codes[kind]
    this.status = init.status ?? phraseOf(this.code)
  }

  /** What failed, with which value. The same text as `message`. */
  get detail(): string {
    return this.message
  }

  /** The JSON text that go-micro peers exchange: the keys in Go's order, and Go's escapes for `<`, `>`, `&`. */
  toWire(): string {
    const { id, code, detail, status } = this
    return JSON.stringify({ id, code, detail, status }).replace(/[<>&\u2028\u2029]/g, escapeLikeGo)
  }

  /** The four fields that travel. */
  toJSON(): { id: string; code: number; detail: string; status: string } {
    return { id: this.id, code: this.code, detail: this.detail, status: this.status }
  }

  /**
   * Reads an error text of a peer: go-micro's JSON, ja-micro's (`category`, `message`, `source`), or any other text,
   * which becomes the detail of an `internal` error with code 0. Never throws.
   */
  static fromWire(text: string): ServiceError {
    const fields = parseObject(text)
    if (fields === undefined) return new ServiceError('internal', text, { id: '', code: 0 })
    return fromFields(fields, text)
  }

  /** The one way in for unknown failures: a ServiceError is returned as it is, anything else becomes `internal` with it as the cause. */
  static from(failure: unknown, id?: string): ServiceError {
    if (failure instanceof ServiceError) return failure
    const detail = failure instanceof Error ? failure.message : String(failure)
    return new ServiceError('internal', detail, { ...(id === undefined ? {} : { id }), cause: failure })
  }
}

function escapeLikeGo(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined // any text is a legal error text (PROTOCOL section 4)
  }
}

function fromFields(fields: Record<string, unknown>, text: string): ServiceError {
  const code = firstOf(fields, isCode, 'code', 'category') ?? 0
  const detail = firstOf(fields, isText, 'detail', 'message') ?? text
  const id = firstOf(fields, isText, 'id', 'source') ?? ''
  const status = firstOf(fields, isText, 'status') ?? phraseOf(code)
  return new ServiceError(kindOf(code), detail, { id, code, status })
}

function firstOf<T>(
  fields: Record<string, unknown>,
  fits: (value: unknown) => value is T,
  ...names: string[]
): T | undefined {
  for (const name of names) {
    const value = fields[name]
    if (fits(value)) return value
  }
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCode = (value: unknown): value is number => Number.isInteger(value)
