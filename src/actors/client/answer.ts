import { endOfStream, type Format, type Formats, type ResponseFrame } from '../../streams/codec.js'
import { ServiceError, kindOf } from '../../streams/errors.js'
import type { Message } from '../../streams/message.js'
import type { CallPlan } from './call-plan.js'

/** What a peer's message says: a value, an error, or the end of a stream. */
export interface Answer<O> {
  readonly value?: O
  readonly error?: ServiceError
  /** The error is ours: what the peer sent cannot be read, and the peer does not know. */
  readonly unreadable?: true
  /** The stream has ended in good order. */
  readonly end?: boolean
  /** The error is no error object of a handler; behind such an answer go-micro closes the connection (PROTOCOL section 2.6). */
  readonly closing?: true
}

/**
 * Reads an answer to a request in the format `asked`. Never throws: what cannot be read is an `internal` error that says whose fault it is. With a status other than 200
 * it is an error whatever it says: its own where it carries one, as ja-micro's does, else one made of the status (PROTOCOL section 2.4).
 */
export function readAnswer<O>(message: Message, asked: Format, plan: CallPlan, formats: Formats): Answer<O> {
  const format = formatOf(message, asked, formats)
  if (format === undefined) return closing({ error: plainError(message) }, asked)
  const failed = statusOf(message) !== undefined
  try {
    const answer = answerOf<O>(format.envelope.readResponse(message), format, plan)
    return failed && answer.error === undefined ? closing({ error: plainError(message) }, asked) : answer
  } catch (failure) {
    if (failed) return closing({ error: plainError(message) }, asked)
    return closing({ error: unreadable(plan, failure), unreadable: true }, asked)
  }
}

/** Only where a connection carries one call is it of no use after such an answer. */
function closing<O>(answer: Answer<O>, { dialect }: Format): Answer<O> {
  return dialect === 'bare' ? answer : { ...answer, closing: true }
}

/** Reads the one answer of a unary call as {@link readAnswer} does; the end of a stream is none. */
export function readReply<O>(message: Message, asked: Format, plan: CallPlan, formats: Formats): Answer<O> {
  const answer = readAnswer<O>(message, asked, plan, formats)
  if (answer.end !== true) return answer
  const { service, endpoint } = plan.context
  const detail = `${service} ${endpoint}: a stream ended where an answer was expected; call it as a stream`
  return { error: new ServiceError('internal', detail, { id: 'headrace.client' }) }
}

/**
 * By the answer's own Content-Type, parameters aside; an answer without one is of the request's. Servers of version 1 give none to an empty answer, and
 * what stands there then is that of the connection's first request (PROTOCOL section 2.2).
 */
function formatOf({ headers, body }: Message, asked: Format, formats: Formats): Format | undefined {
  const contentType = headers['Content-Type']
  if (contentType === undefined || (asked.dialect === 'mucp' && body.length === 0)) return asked
  const known = formats.get(contentType) ?? formats.get(contentType.split(';', 1).join('').trim())
  return known?.[asked.dialect]
}

function answerOf<O>(frame: ResponseFrame, format: Format, plan: CallPlan): Answer<O> {
  if (frame.error === undefined) {
    return { value: format.codec.decode(frame.body, plan.target.definition.response) as O }
  }
  if (frame.error === endOfStream) return { end: true }
  const error = ServiceError.fromWire(frame.error)
  return error.code === 0 && format.dialect === 'rpc' ? closing({ error }, format) : { error }
}

function unreadable({ context }: CallPlan, failure: unknown): ServiceError {
  const cause = ServiceError.from(failure)
  return new ServiceError(
    'internal',
    `${context.service} ${context.endpoint}: the answer cannot be read: ${cause.detail}`,
    {
      id: 'headrace.client',
      cause,
    },
  )
}

/** The status of a response that was not 200, where the transport has such a thing. */
function statusOf({ headers }: Message): string | undefined {
  return headers[':status']
}

/** The characters of a message that is no RPC answer which go into an error: it may be a whole page of a proxy. */
const maxQuoted = 1_000

/** A message that is no RPC answer: its text is the error, after the status if there is one (PROTOCOL section 2.4). */
function plainError(message: Message): ServiceError {
  const status = statusOf(message)
  const body = new TextDecoder().decode(message.body.subarray(0, maxQuoted))
  const code = status === undefined ? 500 : Number.parseInt(status, 10)
  const detail = status === undefined ? body : `${status}: ${body}`
  return new ServiceError(kindOf(code), detail, { id: 'headrace.client', code })
}
