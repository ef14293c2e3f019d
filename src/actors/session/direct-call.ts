import type { Clock } from '../../streams/clock.js'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Message } from '../../streams/message.js'
import type { IncomingCall, ServedCall } from '../../streams/transport.js'
import type { Deadlines } from '../deadlines.js'
import { openingOf } from './opening.js'
import { errorMessage, type AnsweringScene } from './running-call.js'
import { UnaryCall } from './unary-call.js'
import type { SessionOptions } from './session-options.js'

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
    const opening = openingOf(this, this.options)
    if ('answer' in opening) return this.call.answer(opening.answer)
    const { endpoint, format, frame } = opening
    if (endpoint.unary === undefined) {
      const detail = `${frame.endpoint} is a stream: it cannot be called with one message`
      const error = new ServiceError('bad_request', detail, { id: this.service })
      return this.call.answer(errorMessage(format, frame, error.toWire()))
    }
    this.options.onCall('began')
    this.running = new UnaryCall(this, opening)
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
}
