import { Observable, type Subscriber } from 'rxjs'
import type { Message } from '../streams/message.js'
import type { MessageOutput, Outbox } from './outbox.js'

/** How many messages of one of several streams may wait for the peer. */
const share = 16

/** The part of an {@link Outbox} that one of several streams has: a few of its messages at a time, so that none keeps the others waiting. */
export class OutboxShare implements MessageOutput {
  private unsent = 0
  private borrower: Subscriber<number> | undefined

  constructor(private readonly outbox: Outbox) {}

  get depth(): number {
    return this.unsent
  }

  send(message: Message): void {
    this.unsent += 1
    this.outbox.send(message, () => {
      this.unsent -= 1
      this.borrower?.next(1)
    })
  }

  demand(): Observable<number> {
    return new Observable(subscriber => {
      this.borrower = subscriber
      subscriber.next(share)
      return () => {
        if (this.borrower === subscriber) this.borrower = undefined
      }
    })
  }
}
