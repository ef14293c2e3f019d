import type { Clock } from '../../streams/clock.js'
import type { CallOptions } from '../../streams/client.js'
import type { Codec, Format, Formats, FormatsByDialect } from '../../streams/codec.js'
import { formatTimeout } from '../../streams/context.js'
import type { EndpointDefinition } from '../../streams/endpoint.js'
import { ServiceError } from '../../streams/errors.js'
import type { Metadata } from '../../streams/message.js'
import { CallContext } from '../call-context.js'
import { checkCallOptions } from './check-options.js'

/** The defaults of all calls of a client. */
export interface CallDefaults {
  /** The name of the calling service: it travels as `X-Micro-From-Service`. */
  readonly from: string
  readonly timeoutMs: number
  readonly retries: number
  /** Content type of endpoints whose messages have no schema. */
  readonly untypedContentType: string
  /** Content type of endpoints whose messages have one. */
  readonly typedContentType: string
  /** How go-micro nodes are spoken to that are called by their address. */
  readonly dialect: 'rpc' | 'mucp'
}

/** Whom a call is for. */
export interface CallTarget {
  readonly service: string
  readonly definition: EndpointDefinition
}

/** Everything about a call that is known before the first attempt. */
export interface CallPlan {
  readonly target: CallTarget
  readonly options: CallOptions
  readonly context: CallContext
  /** When it was made, in milliseconds of the clock. */
  readonly at: number
  readonly codec: Codec
  /** The dialect for a node that nothing is known of. */
  readonly dialect: 'rpc' | 'mucp'
  /** How the request may be written; which it is, each attempt decides. */
  readonly formats: FormatsByDialect
  readonly retries: number
  readonly idempotent: boolean
  /** How long a stream may take until it is open, in milliseconds. */
  readonly openWithinMs: number
}

/** Resolves options, defaults and the surrounding context into a plan. Throws `bad_request` for a wrong option, and for a content type that no codec knows. */
export function planCall(
  target: CallTarget,
  options: CallOptions,
  defaults: CallDefaults,
  formats: Formats,
  clock: Clock,
  kind: 'call' | 'stream',
): CallPlan {
  const { definition } = target
  checkCallOptions(options)
  const chosen = formatsOf(definition, options, defaults, formats)
  const at = clock.scheduler.now()
  return {
    target,
    options,
    at,
    context: new CallContext({
      service: target.service,
      endpoint: definition.name,
      side: 'client',
      peer: options.address,
      metadata: metadataOf(options, defaults),
      deadline: deadlineOf(options, kind === 'call' ? defaults.timeoutMs : undefined, at),
    }),
    codec: chosen.rpc.codec,
    dialect: defaults.dialect,
    formats: chosen,
    retries: options.retries ?? defaults.retries,
    idempotent: options.idempotent ?? definition.idempotent ?? false,
    openWithinMs: defaults.timeoutMs,
  }
}

function formatsOf(
  { request }: EndpointDefinition,
  options: CallOptions,
  defaults: CallDefaults,
  formats: Formats,
): FormatsByDialect {
  const contentType =
    options.contentType ?? (request === undefined ? defaults.untypedContentType : defaults.typedContentType)
  const chosen = formats.get(contentType)
  if (chosen !== undefined) return contentType === rawType ? asProtobuf(chosen, formats) : chosen
  // The words of go-micro (PROTOCOL section 3.1), with what would have been right.
  const known = [...formats.keys()].join(', ')
  throw new ServiceError('bad_request', `Unsupported Content-Type: ${contentType}; known are ${known}`, {
    id: 'headrace.client',
  })
}

/** The name of the calling service, and what the caller gives over it. */
function metadataOf({ context, metadata }: CallOptions, { from }: CallDefaults): Metadata {
  // Two spreads of nothing cost more than the object.
  if (context === undefined && metadata === undefined) return { 'X-Micro-From-Service': from }
  return { 'X-Micro-From-Service': from, ...context?.metadata, ...metadata }
}

const rawType = 'application/octet-stream'

/** Servers of go-micro's version 1 do not read values of this type (PROTOCOL section 14.2). */
function asProtobuf(chosen: FormatsByDialect, formats: Formats): FormatsByDialect {
  return { ...chosen, mucp: formats.get('application/protobuf')?.mucp ?? chosen.mucp }
}

/** The earlier of the caller's own deadline and now plus the timeout. */
function deadlineOf(options: CallOptions, defaultMs: number | undefined, now: number): number | undefined {
  const timeoutMs = options.timeoutMs ?? defaultMs
  const inherited = options.context?.deadline
  const limited = timeoutMs !== undefined && timeoutMs !== Infinity
  const own = limited ? now + timeoutMs : undefined
  if (own === undefined || inherited === undefined) return own ?? inherited
  return Math.min(own, inherited)
}

/** The headers of one attempt: metadata first, what the protocol needs over it; `Timeout` is what is left. */
export function headersOf(
  { context: { deadline } }: CallPlan,
  { contentType, dialect }: Format,
  metadata: Metadata,
  now: number,
): Record<string, string> {
  const headers: Record<string, string> = {}
  // A loop, because an object that is spread and then added to costs more than the rest of the call's bookkeeping.
  for (const key in metadata) headers[key] = metadata[key] ?? ''
  if (dialect === 'mucp') renameCaller(headers)
  headers['Content-Type'] = contentType
  if (dialect !== 'bare') headers['Accept'] = contentType
  if (deadline !== undefined) headers['Timeout'] = formatTimeout(deadline - now)
  return headers
}

/** Version 1 of go-micro has no `X-` before the name of the caller. */
function renameCaller(headers: Record<string, string>): void {
  const caller = headers['X-Micro-From-Service']
  if (caller !== undefined) headers['Micro-From-Service'] ??= caller
  delete headers['X-Micro-From-Service']
}
