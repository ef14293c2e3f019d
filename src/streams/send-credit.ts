import { Observable, type Subscriber } from 'rxjs'
import { ServiceError } from './errors.js'

/** What a sender may have under way at once. */
export interface SendLimits {
  readonly messages: number
  readonly bytes: number
}

/** What may be sent before anything is known about the size of messages. */
const firstCredit = 4

/** The most that is given at once: the next messages may be far larger than the last ones. */
const mostCredit = 16

/**
 * The sending half of a channel: how many messages may be sent. Credit is given in batches, sized by the messages seen so far, so that
 * what is under way stays near the byte limit; one message is always allowed when nothing is under way.
 */
export class SendCredit {
  /**
   * Hot, single subscriber at a time; a second one gets `conflict`. First value: what may be sent now, at once; then increments, at most
   * one for each message sent and never within `send`. Completes after `finish`; never errors otherwise. Unsubscribing changes nothing.
   */
  readonly demand: Observable<number> = new Observable(subscriber => this.attach(subscriber))

  private subscriber: Subscriber<number> | undefined
  private credit: number
  private sentSinceGrant = 0
  private usualBytes = 0
  private finished = false

  constructor(private readonly limits: SendLimits) {
    this.credit = Math.min(firstCredit, limits.messages)
  }

  /** How many messages may be sent now. */
  get available(): number {
    return this.credit
  }

  /** Uses one place. Throws when there is none: who sends beyond demand has a bug. */
  take(bytes: number): void {
    if (this.credit === 0) {
      throw new ServiceError('internal', 'send beyond demand: wait until the channel asks for more')
    }
    this.credit -= 1
    this.sentSinceGrant += 1
    // Rises at once and falls slowly: a large message among small ones must not be multiplied by the credit.
    this.usualBytes = Math.max(bytes, this.usualBytes - (this.usualBytes >> 3))
  }

  /** Gives as much credit as fits beside what is under way; at most `allowed`, where the peer says how many messages it takes. */
  refill(messages: number, bytes: number, allowed = Infinity): void {
    if (this.finished || this.sentSinceGrant === 0) return
    const target = Math.min(this.target(messages, bytes), allowed)
    if (this.credit * 2 > target) return
    const grant = target - this.credit
    if (grant <= 0) return
    this.credit = target
    this.sentSinceGrant = 0
    this.subscriber?.next(grant)
  }

  /** Completes `demand`. */
  finish(): void {
    if (this.finished) return
    this.finished = true
    const { subscriber } = this
    this.subscriber = undefined
    subscriber?.complete()
  }

  private target(messages: number, bytes: number): number {
    const places = this.limits.messages - messages
    const room = this.limits.bytes - bytes
    if (places <= 0 || room <= 0) return 0
    return Math.min(places, mostCredit, Math.max(1, Math.floor(room / Math.max(1, this.usualBytes))))
  }

  private attach(subscriber: Subscriber<number>): () => void {
    if (this.finished) {
      subscriber.complete()
      return () => undefined
    }
    if (this.subscriber !== undefined) {
      subscriber.error(new ServiceError('conflict', 'demand has a subscriber already; use share()'))
      return () => undefined
    }
    this.subscriber = subscriber
    subscriber.next(this.credit)
    return () => {
      if (this.subscriber === subscriber) this.subscriber = undefined
    }
  }
}
