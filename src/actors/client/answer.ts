import { endOfStream, type Format, type Formats, type ResponseFrame } from '../../streams/codec.js'
import { ServiceError, kindOf } from '../../streams/errors.js'
import type { Message } from '../../streams/message.js'
import type { CallPlan } from './call-plan.js'

/** What a peer's message says: a value, an error, or the end of a stream. */
export interface Answer<O> {
  readonly value?: O
  readonly error?: ServiceError
  /** The stream has ended in good order. */
  readonly end?: boolean
}

/** Reads an answer. Never throws: what cannot be read is an `internal` error that says whose fault it is. */
export function readAnswer<O>(message: Message, plan: CallPlan, formats: Formats): Answer<O> {
  const contentType = message.headers['Content-Type']
  const format = contentType === undefined ? plan.format : formats.get(contentType)
  if (format === undefined) return { error: plainError(message) }
  try {
    return answerOf(format.envelope.readResponse(message), format, plan)
  } catch (failure) {
    return { error: statusOf(message) === undefined ? unreadable(plan, failure) : plainError(message) }
  }
}

function answerOf<O>(frame: ResponseFrame, format: Format, plan: CallPlan): Answer<O> {
  if (frame.error === undefined) {
    return { value: format.codec.decode(frame.body, plan.target.definition.response) as O }
  }
  return frame.error === endOfStream ? { end: true } : { error: ServiceError.fromWire(frame.error) }
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

/** A message that is no RPC answer: its text is the error, after the status if there is one (PROTOCOL section 2.4). */
function plainError(message: Message): ServiceError {
  const status = statusOf(message)
  const body = new TextDecoder().decode(message.body)
  const code = status === undefined ? 500 : Number.parseInt(status, 10)
  const detail = status === undefined ? body : `${status}: ${body}`
  return new ServiceError(kindOf(code), detail, { id: 'headrace.client', code })
}
