import { Observable } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import { emptyBody, type Message } from '../../streams/message.js'
import { createDelivery, type Delivery } from '../../streams/delivery.js'
import { endOfStream, type CallMarks, type Format } from '../../streams/codec.js'
import type { Deadlines } from '../deadlines.js'
import { headersOf, type CallPlan } from './call-plan.js'

/** How long nothing comes until the peer is asked, for the first time, the second and so on, in milliseconds. */
const waitsMs = [20, 200, 1_000, 2_000, 5_000] as const
/** Where that begins while something is still to come. */
const patient = 2
/** How long nothing comes behind the answer to a question until the stream has ended. */
const graceMs = 20

/** A service of which no server has a handler. */
const nowhere = 'HeadraceStreamEnd'

/** What asking needs. */
export interface QuietEndOptions {
  /** Sends a question. */
  readonly ask: () => void
  /** The handler has one answer: when that has come, nothing else is under way. */
  readonly oneAnswer: boolean
  readonly clock: Clock
  readonly deadlines: Deadlines
}

/**
 * Finds out when a server of go-micro's version 1 is done with a stream whose client has ended its requests. Such a server then says nothing
 * at the end, and it must not be told by closing: it drops the requests it has not read and the answers it has not sent, and may stop in the middle of one (PROTOCOL
 * section 14.3).
 *
 * So it is asked. A message goes to the running handler of its id, where it says once more that the requests are over; when there is none, it is a call of its own, which is answered
 * with an error. The last answers of the handler and that of the call come from different threads of the server, and would get into each other if they met: nothing is asked while something comes or waits here to be
 * taken, and soon only when each request has been answered before the end.
 */
export class QuietEnd {
  private answers = 0
  private untaken = 0
  private heard = false
  private turn = 0
  private begun = false
  private over = false
  private closed = false
  private complete: () => void = () => undefined
  private stop: () => void = () => undefined

  constructor(private readonly options: QuietEndOptions) {}

  /** What comes from the peer. Completes when a question was answered and nothing comes any more, and with `incoming`. As cold as that. Unsubscribing ends the questions. */
  until(incoming: Observable<Delivery<Message>>): Observable<Delivery<Message>> {
    return new Observable(subscriber => {
      this.complete = () => subscriber.complete()
      subscriber.add(() => {
        this.closed = true
        this.stop()
      })
      subscriber.add(
        incoming.subscribe({
          next: delivery => {
            if (!isAnswer(delivery.value)) return subscriber.next(this.counted(delivery))
            delivery.ack()
            this.answered()
          },
          error: (failure: unknown) => subscriber.error(failure),
          complete: () => subscriber.complete(),
        }),
      )
    })
  }

  /** The requests have ended, so many of them: asks from now on, less and less often. */
  begin(requests: number): void {
    this.begun = true
    this.heard = false
    this.turn = this.answers >= (this.options.oneAnswer ? 1 : requests) ? 0 : patient
    this.arm()
  }

  private answered(): void {
    this.over = true
    this.arm()
  }

  private arm(): void {
    const { clock, deadlines } = this.options
    this.stop()
    if (this.closed) return
    const waitMs = this.over ? graceMs : (waitsMs[this.turn] ?? waitsMs[4])
    this.stop = deadlines.add(clock.scheduler.now() + waitMs, () => this.quiet())
  }

  private quiet(): void {
    if (this.heard || this.untaken > 0) {
      this.heard = false
      this.turn = this.options.oneAnswer ? 0 : Math.max(this.turn, patient)
    } else if (this.over) {
      return this.complete()
    } else {
      this.turn += 1
      this.options.ask()
    }
    this.arm()
  }

  private counted(delivery: Delivery<Message>): Delivery<Message> {
    this.answers += 1
    this.heard = true
    this.untaken += 1
    if (this.begun && this.options.oneAnswer) {
      this.turn = 0
      this.arm()
    }
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
