import type { Clock } from '../../streams/clock.js'
import type { Format, FrameId, RequestFrame } from '../../streams/codec.js'
import { parseTimeout, type Context } from '../../streams/context.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError, refusedId } from '../../streams/errors.js'
import { emptyBody, type Message, type Metadata } from '../../streams/message.js'
import { CallContext, metadataOf } from '../call-context.js'
import type { Deadlines } from '../deadlines.js'
import type { MessageOutput } from '../outbox.js'
import type { RunnableEndpoint } from './endpoint-table.js'
import { isJaMicro, jaErrorText } from './ja-micro.js'

/** A call that a session serves now. A session serves one at a time, as go-micro's wire has one at a time on a connection. */
export interface RunningCall {
  /** One more message of the peer. False: it is not of this call and must wait until the call is done. */
  takes(delivery: Delivery<Message>): boolean
  /** The peer sends nothing more; what it is owed is still sent. */
  inputEnded(): void
  /** Nobody waits for the outcome any more. */
  cancel(reason: ServiceError): void
}

/** What every call works with. */
export interface AnsweringScene {
  readonly service: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** The address of the caller. */
  readonly peer: string
  /** Sends an answer. */
  answer(message: Message): void
  /** The call has sent its last message. `failure` is what the peer was told. */
  done(failure: ServiceError | undefined): void
}

/** What the calls of a session work with. */
export interface CallScene extends AnsweringScene {
  readonly outbox: MessageOutput
}

/** The request that opened a call, with all that was found out about it. */
export interface Opening {
  readonly delivery: Delivery<Message>
  readonly frame: RequestFrame
  readonly format: Format
  readonly endpoint: RunnableEndpoint
}

/** When the caller of a unary call stops waiting, by our clock: its `Timeout` header counts from now. */
export function deadlineOf(scene: AnsweringScene, { delivery }: Opening): number | undefined {
  const timeoutMs = parseTimeout(delivery.value.headers['Timeout'])
  return timeoutMs === undefined ? undefined : scene.clock.scheduler.now() + timeoutMs
}

/** The context of a call from the headers of its opening message. */
export function contextOf(
  scene: AnsweringScene,
  { delivery, endpoint }: Opening,
  deadline: number | undefined,
): CallContext {
  const { headers } = delivery.value
  return new CallContext({
    service: scene.service,
    endpoint: endpoint.definition.name,
    side: 'server',
    peer: scene.peer,
    metadata: () => metadataOf(headers), // most handlers ask for none
    deadline,
  })
}

/** The message that carries a value. Throws `bad_request` for a value that the codec cannot write. */
export function answerMessage({ format, endpoint, frame }: Opening, id: FrameId, value: unknown): Message {
  const body = format.codec.encode(value, endpoint.definition.response)
  return format.envelope.writeResponse(
    { id, endpoint: frame.endpoint, marks: frame.marks, body },
    headersOf(format),
  )
}

/** The message that carries an error, or with `EOS` the end of a stream. */
export function errorMessage(
  format: Format,
  { id, endpoint, marks }: Pick<RequestFrame, 'id' | 'endpoint' | 'marks'>,
  error: string,
): Message {
  return format.envelope.writeResponse({ id, endpoint, marks, error, body: emptyBody }, headersOf(format))
}

/** The message that carries the error of a request, in the words that its sender reads. */
export function failureMessage(
  format: Format,
  frame: Pick<RequestFrame, 'id' | 'endpoint' | 'marks'>,
  failure: ServiceError,
  asked: Metadata,
): Message {
  if (format.dialect !== 'rpc' || !isJaMicro(asked)) {
    return errorMessage(format, frame, failure.toWire())
  }
  const { id, endpoint } = frame
  const answer = { id, endpoint, error: jaErrorText(failure), errorIsJson: true, body: emptyBody }
  return format.envelope.writeResponse(answer, headersOf(format))
}

/** A bare answer is of the type of its request and does not say so. */
function headersOf({ dialect, contentType }: Format): Record<string, string> {
  return dialect === 'bare' ? {} : { 'Content-Type': contentType }
}

/** The error a peer gets for whatever a handler failed with: a ServiceError as it is, anything else as `internal` of this service. */
export function handlerError(failure: unknown, context: Context): ServiceError {
  const error = ServiceError.from(failure, context.service)
  if (error.id !== refusedId) return error
  // Passed on from another service: this handler has run, so its caller must not take the call for refused.
  const { kind, detail, code, status } = error
  return new ServiceError(kind, detail, { id: context.service, code, status, cause: error })
}

/** The error of a call whose time is up. */
export function deadlineError(context: Context): ServiceError {
  return new ServiceError('timeout', `${context.endpoint}: the deadline has passed`, { id: context.service })
}
