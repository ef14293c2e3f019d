import type { Clock } from '../../streams/clock.js'
import type { Format, RequestFrame } from '../../streams/codec.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Message } from '../../streams/message.js'
import type { IncomingCall, ServedCall } from '../../streams/transport.js'
import type { SessionOptions } from '../session.js'
import type { Deadlines } from '../deadlines.js'
import { requestFormat, unknownContentType } from './request-format.js'
import { errorMessage, type AnsweringScene } from './running-call.js'
import { UnaryCall } from './unary-call.js'
import { unknownEndpoint } from './unknown-endpoint.js'

/** What direct calls need of their server. */
export type DirectOptions = Omit<SessionOptions, 'onClosed'>

/** Serves a call that came without a channel: decodes it, finds its endpoint, runs it and answers. Plain functions: this is the hot path of a server. */
export function serveDirect(call: IncomingCall, options: DirectOptions): ServedCall {
  const direct = new DirectCall(call, options)
  direct.begin()
  return direct
}

class DirectCall implements AnsweringScene, Delivery<Message>, ServedCall {
  readonly service: string
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly peer: string
  readonly value: Message
  private running: UnaryCall | undefined

  constructor(
    private readonly call: IncomingCall,
    private readonly options: DirectOptions,
  ) {
    this.service = options.service
    this.clock = options.clock
    this.deadlines = options.deadlines
    this.peer = call.peer
    this.value = call.message
  }

  begin(): void {
    const format = requestFormat(this.value.headers, this.options.formats)
    if (format === undefined) return this.call.answer(unknownContentType(this.value))
    let frame: RequestFrame
    try {
      frame = format.envelope.readRequest(this.value)
    } catch (failure) {
      return this.refuse(format, { id: null, endpoint: '' }, ServiceError.from(failure))
    }
    const endpoint = this.options.endpoints.get(frame.endpoint)
    if (endpoint === undefined) {
      return this.refuse(format, frame, unknownEndpoint(frame.endpoint, this.options))
    }
    if (endpoint.unary === undefined) {
      const detail = `${frame.endpoint} is a stream: it cannot be called with one message`
      return this.refuse(format, frame, new ServiceError('bad_request', detail, { id: this.service }))
    }
    this.options.onCall('began')
    this.running = new UnaryCall(this, { delivery: this, frame, format, endpoint })
    this.running.run(endpoint.unary)
  }

  answer(message: Message): void {
    this.call.answer(message)
  }

  done(failure: ServiceError | undefined): void {
    this.running = undefined
    this.options.onCall('ended', failure)
  }

  cancel(reason: ServiceError): void {
    const { running } = this
    if (running === undefined) return
    running.cancel(reason)
    this.done(reason)
  }

  ack(): void {
    // The message of a call was taken when it came.
  }

  nack(): void {
    // As above.
  }

  private refuse(format: Format, frame: Pick<RequestFrame, 'id' | 'endpoint'>, error: ServiceError): void {
    this.call.answer(errorMessage(format, frame, error.toWire()))
  }
}
