import type { CallMarks, Dialect, Format, RequestFrame } from '../../streams/codec.js'
import { dialectOf, marksOf } from '../../streams/dialect.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Message, Metadata } from '../../streams/message.js'
import type { RunnableEndpoint } from './endpoint-table.js'
import { formatByPrefix, isJaMicro } from './ja-micro.js'
import { probeAnswer } from './probe.js'
import { failureMessage, type Opening } from './running-call.js'
import { unknownEndpoint } from './unknown-endpoint.js'
import type { SessionOptions } from './session-options.js'

/** Why a request opens no call. */
export interface Refusal {
  readonly answer: Message
  /** Where a connection carries one call, nothing more is read from it. */
  readonly final: boolean
}

type Known = Pick<SessionOptions, 'service' | 'endpoints' | 'formats' | 'health'>

/** What a request asks for, in the dialect that its headers show; or the answer that says why it cannot be had. */
export function openingOf(delivery: Delivery<Message>, known: Known): Opening | Refusal {
  const { headers } = delivery.value
  const dialect = dialectOf(headers)
  const contentType = headers['Content-Type'] ?? (dialect === 'mucp' ? 'application/protobuf' : '')
  const format = known.formats.get(contentType)?.[dialect] ?? formatFor(contentType, dialect, headers, known)
  if (format === undefined) {
    const probe = probeAnswer(delivery.value, known.health)
    if (probe !== undefined) return { answer: probe, final: false }
    // In go-micro's version 1 the connection goes on (PROTOCOL section 14.2).
    const marks = dialect === 'mucp' ? marksOf(headers) : undefined
    return { answer: unknownContentType(contentType, marks), final: dialect !== 'mucp' }
  }
  let frame: RequestFrame
  try {
    frame = format.envelope.readRequest(delivery.value)
  } catch (failure) {
    const nobody = { id: null, endpoint: '' }
    return { answer: failureMessage(format, nobody, ServiceError.from(failure), headers), final: true }
  }
  const endpoint = known.endpoints.get(frame.endpoint)
  if (endpoint === undefined) {
    const error = unknownEndpoint(frame.endpoint, known, dialect)
    return { answer: failureMessage(format, frame, error, headers), final: false }
  }
  return { delivery, frame, format, endpoint: asKnownTo(dialect, endpoint) }
}

/** The format of a Content-Type that is not in the table word for word: only ja-micro compares how it begins. */
function formatFor(
  contentType: string,
  dialect: Dialect,
  headers: Metadata,
  { formats }: Known,
): Format | undefined {
  return dialect === 'rpc' && isJaMicro(headers) ? formatByPrefix(contentType, formats) : undefined
}

function asKnownTo(dialect: Dialect, endpoint: RunnableEndpoint): RunnableEndpoint {
  return dialect === 'mucp' ? (endpoint.mucp ?? endpoint) : endpoint
}

/** Word for word what go-micro answers (PROTOCOL section 2.6). */
function unknownContentType(contentType: string, marks: CallMarks | undefined): Message {
  const body = new TextEncoder().encode(`Unsupported Content-Type: ${contentType}`)
  const id = marks?.id === undefined ? {} : { 'Micro-Id': marks.id, 'X-Micro-Id': marks.id }
  return { headers: { 'Content-Type': 'text/plain', ...id }, body }
}
