import type { Delivery } from '../../streams/delivery.js'
import { dialectOf, marksOf } from '../../streams/dialect.js'
import { ServiceError } from '../../streams/errors.js'
import type { Message, Metadata } from '../../streams/message.js'
import type { Outbox } from '../outbox.js'
import { OutboxShare } from '../outbox-share.js'
import { openingOf } from './opening.js'
import { errorMessage, type CallScene, type Opening, type RunningCall } from './running-call.js'
import { StreamCall } from './stream-call.js'
import { UnaryCall } from './unary-call.js'
import type { SessionOptions } from './session-options.js'

/** How many calls and streams of one connection are served at once; one more is refused. */
const maxCalls = 1_024

/** How many streams that have ended here, but not at their client, are remembered. */
const maxRemembered = 1_024

/** What parallel calls need of their session. */
export interface ParallelOptions extends Pick<
  SessionOptions,
  'service' | 'endpoints' | 'formats' | 'clock' | 'deadlines' | 'onCall'
> {
  readonly peer: string
  readonly outbox: Outbox
  /** A call has ended. */
  readonly done: () => void
}

interface Entry {
  call: RunningCall | undefined
  /** The client has said that it sends nothing more. */
  clientEnded: boolean
}

/**
 * The calls of go-micro's version 1 on one connection: they run side by side, and their messages are told apart by `Micro-Stream` or
 * `Micro-Id` (PROTOCOL section 14.3). Answers go out as they come.
 */
export class ParallelCalls {
  private readonly calls = new Map<string, Entry>()
  private readonly endedHere = new Set<string>()
  private inputOver = false

  constructor(private readonly options: ParallelOptions) {}

  /** How many run. */
  get size(): number {
    return this.calls.size
  }

  /** Takes a message that has a mark; false for one that must wait its turn with those that have none. */
  takes(delivery: Delivery<Message>): boolean {
    const { headers } = delivery.value
    if (dialectOf(headers) !== 'mucp') return false
    const { id, stream } = marksOf(headers)
    const key = stream ?? id
    if (key === undefined) return false
    const entry = this.calls.get(key)
    if (entry === undefined) this.first(key, delivery)
    else if (entry.call?.takes(delivery) !== true)
      return false // an id that is used twice at once
    else if (hasError(headers)) entry.clientEnded = true
    return true
  }

  inputEnded(): void {
    this.inputOver = true
    for (const { call } of [...this.calls.values()]) call?.inputEnded()
  }

  cancel(reason: ServiceError): void {
    const running = [...this.calls.values()]
    this.calls.clear()
    for (const { call } of running) {
      call?.cancel(reason)
      this.options.onCall('ended', reason)
    }
  }

  /** What a client still sends to a stream that has ended opens nothing. */
  private first(key: string, delivery: Delivery<Message>): void {
    const ends = hasError(delivery.value.headers)
    if (ends) this.endedHere.delete(key)
    if (ends || this.endedHere.has(key)) return delivery.ack()
    const opening = openingOf(delivery, this.options)
    if ('answer' in opening) {
      this.options.outbox.send(opening.answer)
      delivery.ack()
    } else if (this.calls.size >= maxCalls) {
      this.refuse(opening)
    } else {
      this.run(key, opening)
    }
  }

  private refuse({ delivery, format, frame }: Opening): void {
    const { outbox, service } = this.options
    const detail = `${frame.endpoint}: ${maxCalls} calls run on this connection already`
    const error = new ServiceError('resource_exhausted', detail, { id: service })
    outbox.send(errorMessage(format, frame, error.toWire()))
    delivery.ack()
  }

  private run(key: string, opening: Opening): void {
    const { unary, stream } = opening.endpoint
    const entry: Entry = { call: undefined, clientEnded: unary !== undefined }
    this.calls.set(key, entry)
    this.options.onCall('began')
    const scene = this.sceneOf(key, entry)
    if (unary !== undefined) {
      const call = new UnaryCall(scene, opening)
      entry.call = call
      call.run(unary)
    } else if (stream !== undefined) {
      const call = new StreamCall(scene, opening)
      entry.call = call
      call.run(stream)
      if (this.inputOver) call.inputEnded()
    }
  }

  private sceneOf(key: string, entry: Entry): CallScene {
    const { service, clock, deadlines, peer, outbox } = this.options
    return {
      service,
      clock,
      deadlines,
      peer,
      outbox: new OutboxShare(outbox),
      answer: message => outbox.send(message),
      done: failure => this.ended(key, entry, failure),
    }
  }

  private ended(key: string, entry: Entry, failure: ServiceError | undefined): void {
    this.calls.delete(key)
    if (!entry.clientEnded) this.remember(key)
    this.options.onCall('ended', failure)
    this.options.done()
  }

  private remember(key: string): void {
    if (this.endedHere.size >= maxRemembered) {
      for (const oldest of this.endedHere) {
        this.endedHere.delete(oldest)
        break
      }
    }
    this.endedHere.add(key)
  }
}

function hasError(headers: Metadata): boolean {
  const error = headers['Micro-Error'] ?? headers['X-Micro-Error']
  return error !== undefined && error !== ''
}
