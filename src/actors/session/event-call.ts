import type { Delivery } from '../../streams/delivery.js'
import { marksOf } from '../../streams/dialect.js'
import type { ServiceError } from '../../streams/errors.js'
import { emptyBody, type Message } from '../../streams/message.js'
import type { RunningCall } from './running-call.js'

/** Gives an event to the subscribers of its topic and calls `done` once, when all have handled it; the first error counts. */
export type DeliverEvent = (topic: string, message: Message, done: (error?: ServiceError) => void) => void

/** What the event of a session works with. */
export interface EventScene {
  answer(message: Message): void
  done(failure: ServiceError | undefined): void
}

/** An event that was sent to the port of the service, as go-micro's version 1 allows (PROTOCOL section 14.6): answered when it was handled, without a body. */
export class EventCall implements RunningCall {
  private open = true

  constructor(
    private readonly scene: EventScene,
    private readonly topic: string,
    private readonly delivery: Delivery<Message>,
  ) {}

  run(deliver: DeliverEvent): void {
    deliver(this.topic, this.delivery.value, error => this.finish(error))
  }

  takes(): boolean {
    return false
  }

  inputEnded(): void {
    // Who half-closes still gets the answer.
  }

  cancel(): void {
    this.open = false // the event was taken: its subscribers go on
  }

  private finish(error: ServiceError | undefined): void {
    if (!this.open) return
    this.open = false
    const { headers } = this.delivery.value
    const answer: Record<string, string> = { 'Micro-Topic': this.topic }
    const contentType = headers['Content-Type']
    const { id } = marksOf(headers)
    if (contentType !== undefined) answer['Content-Type'] = contentType
    if (id !== undefined) answer['Micro-Id'] = id
    if (error !== undefined) answer['Micro-Error'] = error.toWire()
    this.scene.answer({ headers: answer, body: emptyBody })
    this.delivery.ack()
    this.scene.done(error)
  }
}
