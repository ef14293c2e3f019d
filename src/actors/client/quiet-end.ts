import { Observable } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import { emptyBody, type Message } from '../../streams/message.js'
import { createDelivery, type Delivery } from '../../streams/delivery.js'
import { endOfStream, type CallMarks, type Format } from '../../streams/codec.js'
import type { Deadlines } from '../deadlines.js'
import { headersOf, type CallPlan } from './call-plan.js'

/** How long nothing comes until the peer is asked, at first and at most, in milliseconds. */
const firstAskMs = 20
const lastAskMs = 5_000

/** A service of which no server has a handler. */
const nowhere = 'HeadraceStreamEnd'

/** What asking needs. */
export interface QuietEndOptions {
  /** Sends a question. */
  readonly ask: () => void
  readonly clock: Clock
  readonly deadlines: Deadlines
}

/**
 * Finds out when a server of go-micro's version 1 is done with a stream whose client has ended its requests. Such a server then says nothing
 * at the end, and it must not be told by closing: it drops the requests it has not read and the answers it has not sent, and may stop in the middle of one (PROTOCOL
 * section 14.3).
 *
 * So it is asked. A message goes to the running handler of its id, where it says once more that the requests are over; when there is none, it is a call of its own, which is answered
 * with an error. Answers of the handler and of the call would get into each other: nothing is asked while something comes, or waits here to be taken.
 */
export class QuietEnd {
  private heard = false
  private untaken = 0
  private waitMs = firstAskMs
  private stop: () => void = () => undefined

  constructor(private readonly options: QuietEndOptions) {}

  /** What comes from the peer, up to the answer to a question: then it completes. As cold as `incoming`. Unsubscribing ends the questions. */
  until(incoming: Observable<Delivery<Message>>): Observable<Delivery<Message>> {
    return new Observable(subscriber => {
      subscriber.add(() => this.stop())
      subscriber.add(
        incoming.subscribe({
          next: delivery => {
            if (!isAnswer(delivery.value)) return subscriber.next(this.counted(delivery))
            delivery.ack()
            subscriber.complete()
          },
          error: (failure: unknown) => subscriber.error(failure),
          complete: () => subscriber.complete(),
        }),
      )
    })
  }

  /** The requests have ended: asks from now on, less and less often. */
  begin(): void {
    const { ask, clock, deadlines } = this.options
    this.heard = false
    this.stop = deadlines.add(clock.scheduler.now() + this.waitMs, () => {
      if (!this.heard && this.untaken === 0) {
        this.waitMs = Math.min(2 * this.waitMs, lastAskMs)
        ask()
      }
      this.begin()
    })
  }

  private counted(delivery: Delivery<Message>): Delivery<Message> {
    this.heard = true
    this.untaken += 1
    return createDelivery(delivery.value, failure => {
      this.untaken -= 1
      if (failure === undefined) delivery.ack()
      else delivery.nack(failure)
    })
  }
}

/** The question whether a stream has ended: a call with the id of the stream, which the stream itself would take for the end of its requests. */
export function quietEndQuestion(plan: CallPlan, format: Format, { id }: CallMarks, now: number): Message {
  const headers = headersOf(plan, format, plan.context.metadata, now)
  headers['Micro-Error'] = endOfStream
  const frame = { id: 0, endpoint: `${nowhere}.Ask`, service: plan.target.service, body: emptyBody }
  return format.envelope.writeRequest({ ...frame, marks: { id, stream: undefined } }, headers)
}

function isAnswer({ headers }: Message): boolean {
  return headers['Micro-Error']?.includes(nowhere) === true
}
