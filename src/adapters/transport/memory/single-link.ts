import { Subject, type Subscription } from 'rxjs'
import {
  ServiceError,
  type Cancel,
  type Channel,
  type Delivery,
  type Link,
  type Message,
  type ReplySink,
} from '../../../streams/index.js'
import type { MemoryChannel } from './channel.js'

/** A link that is one channel, as on go-micro's wire: one request at a time, or one channel and then it is used up. */
export class SingleLink implements Link {
  readonly bare = true
  readonly peer: string
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private state: 'ready' | 'lent' | 'retired' | 'closed' = 'ready'
  private sink: ReplySink | undefined
  private readonly reading: Subscription

  constructor(private readonly channel: MemoryChannel) {
    this.peer = channel.peer
    this.reading = channel.incoming.subscribe({
      next: delivery => this.answer(delivery),
      error: (error: ServiceError) => this.fail(error),
      complete: () => this.fail(new ServiceError('unavailable', `${this.peer} ended the connection`)),
    })
    channel.closed.subscribe({ error: () => this.finish(), complete: () => this.finish() })
  }

  get room(): number {
    return this.state === 'ready' && this.sink === undefined && this.channel.available > 0 ? 1 : 0
  }

  request(message: Message, sink: ReplySink): Cancel {
    this.claim()
    this.sink = sink
    this.channel.send(message)
    return () => {
      if (this.sink !== sink) return
      this.sink = undefined
      this.channel.abort(new ServiceError('cancelled', `the request to ${this.peer} was cancelled`))
    }
  }

  open(): Channel {
    this.claim()
    this.state = 'lent'
    this.reading.unsubscribe()
    return this.channel
  }

  retire(): void {
    if (this.state !== 'ready') return
    this.state = 'retired'
    if (this.sink === undefined) this.channel.hangUp()
  }

  abort(error: ServiceError): void {
    if (this.state === 'lent') this.channel.abort(error)
    else this.fail(error)
  }

  private claim(): void {
    if (this.room > 0) return
    throw new ServiceError('internal', `the link to ${this.peer} has no room: look at room before`)
  }

  private answer(delivery: Delivery<Message>): void {
    const { sink } = this
    delivery.ack()
    if (sink === undefined) {
      this.fail(new ServiceError('bad_request', `${this.peer} answered without a request`))
      return
    }
    this.sink = undefined
    if (this.channel.peerRetires) this.state = 'retired'
    if (this.state === 'retired') this.channel.hangUp()
    sink.reply(delivery.value)
  }

  private fail(error: ServiceError): void {
    const { sink } = this
    const sent = !this.channel.hasUnsent
    this.sink = undefined
    this.channel.abort(error)
    sink?.fail(error, sent)
  }

  private finish(): void {
    this.state = 'closed'
    this.ending.complete()
  }
}
