import type { ServiceError } from '../streams/errors.js'
import type { Context } from '../streams/context.js'
import type { Metadata } from '../streams/message.js'

/** What a context is made of. */
export interface CallContextInit {
  readonly service: string
  readonly endpoint: string
  readonly side: Context['side']
  readonly peer: string | undefined
  /** A function is asked when somebody reads them, once. */
  readonly metadata: Metadata | (() => Metadata)
  readonly deadline: number | undefined
}

/** A context that can be cancelled. Its AbortController, which costs more than the rest of a call, is made when somebody asks for the signal. */
export class CallContext implements Context {
  readonly service: string
  readonly endpoint: string
  readonly side: Context['side']
  readonly peer: string | undefined
  readonly deadline: number | undefined
  private known: CallContextInit['metadata']
  private readonly cancellation: { controller?: AbortController; reason?: ServiceError } = {}

  constructor(init: CallContextInit) {
    this.service = init.service
    this.endpoint = init.endpoint
    this.side = init.side
    this.peer = init.peer
    this.known = init.metadata
    this.deadline = init.deadline
  }

  get metadata(): Metadata {
    if (typeof this.known === 'function') this.known = this.known()
    return this.known
  }

  get signal(): AbortSignal {
    const { cancellation } = this
    if (cancellation.controller === undefined) {
      cancellation.controller = new AbortController()
      if (cancellation.reason !== undefined) cancellation.controller.abort(cancellation.reason)
    }
    return cancellation.controller.signal
  }

  /** Nobody wants the result any more. The first reason counts. */
  abort(reason: ServiceError): void {
    const { cancellation } = this
    if (cancellation.reason !== undefined) return
    cancellation.reason = reason
    cancellation.controller?.abort(reason)
  }

  /** The same call with other metadata: cancelled together. */
  with(metadata: Metadata): CallContext {
    return Object.create(this, { metadata: { value: metadata, enumerable: true } }) as CallContext
  }
}

/** Headers that belong to one hop or to the protocol, and so are not metadata of a call. */
export const protocolHeaders: ReadonlySet<string> = new Set([
  'Accept',
  'Accept-Encoding',
  'Connection',
  'Content-Length',
  'Content-Type',
  'Expect',
  'Host',
  'Keep-Alive',
  'Micro-Endpoint',
  'Micro-Error',
  'Micro-Id',
  'Micro-Method',
  'Micro-Protocol',
  'Micro-Service',
  'Micro-Stream',
  'Micro-Target',
  'Micro-Topic',
  'Timeout',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'User-Agent',
  'X-Micro-Endpoint',
  'X-Micro-Error',
  'X-Micro-Id',
  'X-Micro-Method',
  'X-Micro-Protocol',
  'X-Micro-Stream',
  'X-Micro-Target',
  'X-Micro-Topic',
])

/** How go-micro's version 1 writes `X-Micro-From-Service`, which is the name of the caller here, whatever the dialect. */
const callerOfVersionOne = 'Micro-From-Service'

/** The headers of a message without those of the protocol (PROTOCOL section 5.3 leaves a few more in). */
export function metadataOf(headers: Metadata): Metadata {
  const metadata: Record<string, string> = {}
  for (const key in headers) {
    const value = headers[key]
    if (value !== undefined && !isOfProtocol(key)) metadata[key] = value
  }
  const caller = metadata[callerOfVersionOne]
  if (caller !== undefined) {
    metadata['X-Micro-From-Service'] ??= caller
    delete metadata[callerOfVersionOne]
  }
  return metadata
}

/** Web pages may set `X-Micro-Service`, so it is no protocol header for those who call; who is called does not see it. */
function isOfProtocol(key: string): boolean {
  return protocolHeaders.has(key) || key.startsWith(':') || key === 'X-Micro-Service'
}
