import { isObservable, type Subscription } from 'rxjs'
import type { ServiceError } from '../../streams/errors.js'
import { emptyBody, type Message } from '../../streams/message.js'
import { isPromiseLike, toObservable } from '../../streams/source.js'
import type { Cancel } from '../../streams/transport.js'
import type { CallContext } from '../call-context.js'
import {
  answerMessage,
  contextOf,
  deadlineError,
  deadlineOf,
  failureMessage,
  handlerError,
  type AnsweringScene,
  type Opening,
  type RunningCall,
} from './running-call.js'

type Invoke = (request: unknown, context: CallContext) => unknown

/** One request, one answer: the hot path of a server. A handler that returns a plain value is answered in the same turn. */
export class UnaryCall implements RunningCall {
  private readonly context: CallContext
  private cancelDeadline: Cancel | undefined
  private subscription: Subscription | undefined
  private open = true

  constructor(
    private readonly scene: AnsweringScene,
    private readonly opening: Opening,
  ) {
    this.context = contextOf(scene, opening, deadlineOf(scene, opening))
  }

  run(invoke: Invoke): void {
    try {
      const { frame, format, endpoint } = this.opening
      if (frame.fault !== undefined) throw frame.fault
      this.await(invoke(format.codec.decode(frame.body, endpoint.definition.request), this.context))
    } catch (failure) {
      this.fail(handlerError(failure, this.context))
    }
  }

  takes(): boolean {
    return false
  }

  /** A peer that half-closes still gets its answer; one that cancels resets the connection. */
  inputEnded(): void {
    return undefined
  }

  cancel(reason: ServiceError): void {
    if (!this.open) return
    this.open = false
    this.release(reason)
  }

  private await(result: unknown): void {
    if (isObservable(result)) {
      this.limit()
      const { name } = this.opening.endpoint.definition
      this.subscription = toObservable(result, name).subscribe({
        next: value => this.answer(value),
        error: (failure: unknown) => this.fail(handlerError(failure, this.context)),
      })
      if (!this.open) this.subscription.unsubscribe()
    } else if (isPromiseLike(result)) {
      this.limit()
      result.then(
        value => this.answer(value),
        (failure: unknown) => this.fail(handlerError(failure, this.context)),
      )
    } else {
      this.answer(result)
    }
  }

  /** Only what was not answered at once can be too late, and is worth letting go of the body, which was decoded. */
  private limit(): void {
    forgetBody(this.opening.frame)
    const { deadline } = this.context
    if (deadline === undefined || !this.open) return
    this.cancelDeadline = this.scene.deadlines.add(deadline, () => this.fail(deadlineError(this.context)))
  }

  private answer(value: unknown): void {
    if (!this.open) return
    let message: Message
    try {
      message = answerMessage(this.opening, this.opening.frame.id, value)
    } catch (failure) {
      return this.fail(handlerError(failure, this.context))
    }
    this.finish(message, undefined)
  }

  private fail(error: ServiceError): void {
    if (!this.open) return
    const { format, frame, delivery } = this.opening
    this.finish(failureMessage(format, frame, error, delivery.value.headers), error)
  }

  private finish(message: Message, error: ServiceError | undefined): void {
    this.open = false
    this.scene.answer(message)
    this.opening.delivery.ack()
    this.release(error)
    this.scene.done(error)
  }

  private release(reason: ServiceError | undefined): void {
    this.cancelDeadline?.()
    this.subscription?.unsubscribe()
    if (reason !== undefined) this.context.abort(reason)
  }
}

function forgetBody(frame: { body: Uint8Array }): void {
  frame.body = emptyBody
}
