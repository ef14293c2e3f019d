import { Subscription } from 'rxjs'
import { endpointKey, type FrameId, type RequestFrame } from '../streams/codec.js'
import type { Delivery } from '../streams/delivery.js'
import { topicOf } from '../streams/dialect.js'
import { ServiceError } from '../streams/errors.js'
import type { Message } from '../streams/message.js'
import type { Channel } from '../streams/transport.js'
import { Outbox } from './outbox.js'
import type { EndpointTable } from './session/endpoint-table.js'
import { EventCall, type DeliverEvent } from './session/event-call.js'
import { openingOf } from './session/opening.js'
import { ParallelCalls } from './session/parallel-calls.js'
import type { CallScene, Opening, RunningCall } from './session/running-call.js'
import type { SessionOptions } from './session/session-options.js'
import { StreamCall } from './session/stream-call.js'
import { UnaryCall } from './session/unary-call.js'

/**
 * One accepted channel: decodes each message, finds its endpoint, runs it and answers. Calls follow one another; while one
 * is served the next waits. Plain functions and no mailbox: this is the hot path of a server.
 */
export class Session {
  private readonly outbox: Outbox
  private readonly scene: CallScene
  private readonly parallel: ParallelCalls
  private readonly waiting: Delivery<Message>[] = []
  private readonly subscriptions = new Subscription()
  private current: RunningCall | undefined
  /** The last stream, to tell what its client still sends from a new call (PROTOCOL section 2.7, point 10). */
  private lastStream:
    { readonly endpoint: string; readonly openingId: FrameId; readonly bare: boolean } | undefined
  private inputOver = false
  private draining = false
  private ended = false
  private advancing = false
  /** When something was heard that no running call takes, or a call ended. */
  private lastActive: number

  constructor(
    private readonly channel: Channel,
    private readonly options: SessionOptions,
  ) {
    const { service, clock, deadlines } = options
    this.outbox = new Outbox(channel)
    this.scene = {
      service,
      clock,
      deadlines,
      peer: channel.peer,
      outbox: this.outbox,
      answer: message => this.outbox.send(message),
      done: failure => this.next(failure),
    }
    const { peer } = channel
    this.parallel = new ParallelCalls({
      ...options,
      peer,
      outbox: this.outbox,
      done: () => this.endWhenDone(),
    })
    this.lastActive = clock.scheduler.now()
    this.subscriptions.add(
      channel.incoming.subscribe({
        next: delivery => this.hear(delivery),
        error: (error: unknown) => this.close(ServiceError.from(error)),
        complete: () => this.inputEnded(),
      }),
    )
    this.subscriptions.add(
      channel.closed.subscribe({
        error: (error: unknown) => this.close(ServiceError.from(error)),
        complete: () => this.close(),
      }),
    )
  }

  /** Requests that wait for the call before them, and answers that wait for the peer. */
  get waits(): { readonly requests: number; readonly answers: number } {
    return { requests: this.waiting.length, answers: this.outbox.depth }
  }

  /** A call is being served, or its answer is not out yet. */
  get busy(): boolean {
    return this.current !== undefined || this.waiting.length > 0 || this.advancing || this.parallel.size > 0
  }

  /** Tells the peer to start nothing more here; what still comes is served, and the channel ends after the last answer owed. */
  drain(): void {
    this.draining = true
    this.channel.retire()
  }

  /** Ends a draining channel that has been silent for `ms`. */
  endIfSilent(ms: number): void {
    if (!this.busy && this.options.clock.scheduler.now() - this.lastActive >= ms) this.endOutput()
  }

  /** Ends now: the call that is served is cancelled and the peer is told as the wire can. */
  abort(error: ServiceError): void {
    this.close(error) // first, so that this is the reason which the handler is told
    this.channel.abort(error)
  }

  private hear(delivery: Delivery<Message>): void {
    // Not for each message of a stream: a busy session is not silent, and the clock costs as much as all the rest of this.
    if (this.current === undefined) this.lastActive = this.options.clock.scheduler.now()
    // Nothing could be answered any more: what comes too late is not run.
    if (this.ended) delivery.ack()
    else if (this.lastStream?.bare !== true && this.parallel.takes(delivery)) return
    else if (this.advancing || this.waiting.length > 0) this.waiting.push(delivery)
    else if (this.current === undefined) this.begin(delivery)
    else if (!this.current.takes(delivery)) this.waiting.push(delivery)
  }

  private inputEnded(): void {
    this.inputOver = true
    this.current?.inputEnded()
    this.parallel.inputEnded()
    if (!this.busy) this.endOutput()
  }

  /** Opens the call that a message asks for, or answers why there is none. */
  private begin(delivery: Delivery<Message>): void {
    if (this.isRestOfStream(delivery.value)) return delivery.ack()
    const { deliver } = this.options
    const topic = deliver && topicOf(delivery.value.headers)
    if (topic !== undefined) return this.event(topic, delivery, deliver)
    const opening = openingOf(delivery, this.options)
    if (!('answer' in opening)) return this.run(opening)
    this.outbox.send(opening.answer)
    delivery.ack()
    if (opening.final) this.endOutput()
  }

  private event(topic: string, delivery: Delivery<Message>, deliver: DeliverEvent | undefined): void {
    if (deliver === undefined) return
    this.options.onCall('began')
    const call = new EventCall(this.scene, topic, delivery)
    this.current = call
    call.run(deliver)
  }

  private run(opening: Opening): void {
    const { unary, stream } = opening.endpoint
    if (stream !== undefined && this.isLeftOver(opening.frame)) return opening.delivery.ack()
    this.options.onCall('began')
    if (unary !== undefined) {
      this.lastStream = undefined
      const call = new UnaryCall(this.scene, opening)
      this.current = call
      call.run(unary)
    } else if (stream !== undefined) {
      const { frame, format } = opening
      this.lastStream = { endpoint: frame.endpoint, openingId: frame.id, bare: format.dialect === 'bare' }
      const call = new StreamCall(this.scene, opening)
      this.current = call
      call.run(stream)
    }
  }

  /** In the bare dialect a message without an endpoint goes on with the stream before it, which has ended. */
  private isRestOfStream({ headers }: Message): boolean {
    return this.lastStream?.bare === true && headers[endpointKey] === undefined
  }

  private isLeftOver(frame: RequestFrame): boolean {
    const { lastStream } = this
    return lastStream?.endpoint === frame.endpoint && !lastStream.bare && lastStream.openingId !== frame.id
  }

  private next(failure: ServiceError | undefined): void {
    this.current = undefined
    this.lastActive = this.options.clock.scheduler.now()
    this.options.onCall('ended', failure)
    if (this.advancing) return // a call that was answered at once: the loop below goes on
    this.advancing = true
    this.serveWaiting()
    this.advancing = false
    this.endWhenDone()
  }

  private endWhenDone(): void {
    if (!this.busy && (this.inputOver || this.draining)) this.endOutput()
  }

  /** Each message that waits opens a call, or belongs to the stream that one before it has opened. */
  private serveWaiting(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (this.ended) next.ack()
      else if (this.current === undefined) this.begin(next)
      else if (!this.current.takes(next)) return void this.waiting.unshift(next)
    }
    if (this.inputOver) this.current?.inputEnded()
  }

  private endOutput(): void {
    if (this.ended) return
    this.ended = true
    this.outbox.end()
  }

  private close(reason?: ServiceError): void {
    if (this.subscriptions.closed) return
    this.subscriptions.unsubscribe()
    this.outbox.close()
    this.waiting.length = 0
    const { current } = this
    this.current = undefined
    if (current !== undefined || this.parallel.size > 0) {
      const cause =
        reason ?? new ServiceError('cancelled', `the connection of ${this.channel.peer} was closed`)
      this.parallel.cancel(cause)
      current?.cancel(cause)
      if (current !== undefined) this.options.onCall('ended', cause)
    }
    this.options.onClosed()
  }
}

export type { EndpointTable, SessionOptions }
