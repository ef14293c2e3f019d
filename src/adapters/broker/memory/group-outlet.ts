import { Fifo } from '../../../streams/fifo.js'
import { ServiceError, type Message } from '../../../streams/index.js'
import type { Outlet, OutletEvents } from '../../stream-track.js'
import type { Answer, Feed, Group, Handed } from './group.js'

/** A group as an outlet of a published stream: a bounded queue that its members take from. */
export class GroupOutlet implements Outlet<Message>, Feed {
  sent = 0
  acked = 0
  nacked = 0
  error: ServiceError | undefined
  private readonly waiting = new Fifo<Message>()
  /** Of those that were given to a member and have no answer. */
  private given = 0
  private dropped = 0
  private ended = false
  private abandoned = false
  private readonly unfollow: () => void

  constructor(
    private readonly group: Group,
    private readonly queueSize: number,
    private readonly events: OutletEvents,
  ) {
    this.unfollow = group.follow(this)
  }

  get room(): number {
    return this.queueSize - this.waiting.length
  }

  get missed(): number {
    return this.dropped + this.waiting.length
  }

  get size(): number {
    return this.waiting.length
  }

  send(message: Message): void {
    this.sent += 1
    this.waiting.push(message)
    this.group.feed(this)
  }

  end(): void {
    this.ended = true
    this.leaveWhenDone()
  }

  abandon(): void {
    this.abandoned = true
    this.unfollow()
    this.waiting.clear()
  }

  take(): Handed | undefined {
    const value = this.waiting.shift()
    if (value === undefined) return undefined
    this.given += 1
    return { value, settle: this.moved, answered: this.answered }
  }

  fail(error: ServiceError): void {
    if (this.abandoned) return
    this.dropped += this.waiting.length
    this.waiting.clear()
    this.events.left(error)
  }

  private readonly moved = (): void => {
    if (!this.abandoned) this.events.changed()
  }

  private readonly answered = (answer: Answer): void => {
    this.given -= 1
    if (answer === 'acked') this.acked += 1
    else if (answer === 'left')
      this.error ??= new ServiceError('unavailable', `${this.group.name} has unsubscribed`)
    else {
      this.nacked += 1
      this.error ??= answer
    }
    if (this.abandoned) return
    this.events.changed()
    this.leaveWhenDone()
  }

  private leaveWhenDone(): void {
    if (this.ended && !this.abandoned && this.given === 0 && this.waiting.length === 0) this.events.left()
  }
}
