import { Observable, type Subscriber } from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import type { Channel } from '../streams/transport.js'
import type { Message } from '../streams/message.js'

/** Where a stream of messages goes. */
export interface MessageOutput {
  /** Messages that could not be sent yet. */
  readonly depth: number
  /** Sends now, or as soon as the peer allows it. In order. */
  send(message: Message): void
  /** What may be sent, for one paced source at a time; see {@link Outbox.demand}. */
  demand(): Observable<number>
}

interface Waiting {
  readonly message: Message
  readonly sent: (() => void) | undefined
}

/**
 * The sending side of a channel: counts what the peer allows, keeps what it does not allow yet, and lends the rest to a
 * paced source. What waits here is at most what its callers owe: one answer, or one paced item and the end of its stream.
 */
export class Outbox implements MessageOutput {
  private credit = 0
  private readonly waiting: Waiting[] = []
  private borrower: Subscriber<number> | undefined
  private ending = false
  private readonly subscription

  constructor(private readonly channel: Channel) {
    this.subscription = channel.demand.subscribe({
      next: more => this.grant(more),
      error: (failure: unknown) => channel.abort(ServiceError.from(failure)),
    })
  }

  /** Messages that could not be sent yet. */
  get depth(): number {
    return this.waiting.length
  }

  /** Sends now, or as soon as the peer allows it, and then calls `sent`. In order. */
  send(message: Message, sent?: () => void): void {
    if (this.ending) return
    if (this.credit > 0 && this.waiting.length === 0) {
      this.credit -= 1
      this.channel.send(message)
      sent?.()
    } else {
      this.waiting.push({ message, sent })
    }
  }

  /** Ends the channel's outgoing direction after what waits. */
  end(): void {
    this.ending = true
    if (this.waiting.length === 0) this.channel.end()
  }

  /**
   * What may be sent, for one paced source at a time. Cold. Emits what may be sent now, at once, then increments; never completes. Each value that the
   * source gives must come back through {@link send}. Unsubscribing takes the rest back.
   */
  demand(): Observable<number> {
    return new Observable(subscriber => {
      this.borrower = subscriber
      subscriber.next(Math.max(0, this.credit - this.waiting.length))
      return () => {
        if (this.borrower === subscriber) this.borrower = undefined
      }
    })
  }

  /** Lets go of the channel. */
  close(): void {
    this.ending = true
    this.waiting.length = 0
    this.subscription.unsubscribe()
  }

  private grant(more: number): void {
    this.credit += more
    let unclaimed = more
    while (this.credit > 0 && this.waiting.length > 0) {
      const next = this.waiting.shift()
      if (next === undefined) break
      this.credit -= 1
      unclaimed -= 1
      this.channel.send(next.message)
      next.sent?.()
      if (this.ending && this.waiting.length === 0) return this.channel.end()
    }
    if (unclaimed > 0) this.borrower?.next(unclaimed)
  }
}
