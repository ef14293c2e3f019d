import { Subscription } from 'rxjs'
import { ServiceError, type Channel, type Delivery, type Message } from '../../../streams/index.js'
import { progressOf, readSubscription, refusalOf } from '../../../wire/broker-mux.js'
import type { OpenPost, Receiver } from './receiver.js'

/** Whom a {@link ReceivedStream} asks. */
export interface StreamHost {
  /** The subscription that a stream is for, or why it is not taken. */
  find(id: string): Receiver | ServiceError
  /** A stream that was taken is over. */
  over(): void
}

/**
 * A published stream as its subscriber gets it: the first message names the subscription, each further one is a delivery, and its answer gives the publisher
 * credit. How many were answered is told once for each turn of the event loop, and a last time when all are and the publisher has ended.
 */
export class ReceivedStream {
  private receiver: Receiver | undefined
  private readonly subscriptions = new Subscription()
  private received = 0
  private acked = 0
  private nacked = 0
  private error: ServiceError | undefined
  private room = 0
  private telling: NodeJS.Immediate | undefined
  private untold = false
  private ended = false
  private over = false

  constructor(
    private readonly channel: Channel,
    private readonly host: StreamHost,
  ) {}

  /** Begins to read. Called once. */
  start(): void {
    const { channel, subscriptions } = this
    const finish = () => this.finish()
    subscriptions.add(
      channel.demand.subscribe({
        next: more => {
          this.room += more
          if (this.untold) this.tell()
        },
        error: finish,
      }),
    )
    subscriptions.add(
      channel.incoming.subscribe({
        next: delivery => this.take(delivery),
        error: finish,
        complete: () => {
          this.ended = true
          this.endWhenDone()
        },
      }),
    )
  }

  /** One of its deliveries was answered. */
  answered(error: ServiceError | undefined): void {
    if (this.over) return
    if (error === undefined) this.acked += 1
    else {
      this.nacked += 1
      this.error = error
    }
    this.telling ??= setImmediate(this.tell)
  }

  private take(delivery: Delivery<Message>): void {
    const { receiver } = this
    if (receiver === undefined) return this.begin(delivery)
    if (this.over) return delivery.ack()
    this.received += 1
    receiver.accept(new StreamedPost(this, delivery))
  }

  private begin(delivery: Delivery<Message>): void {
    const found = this.host.find(readSubscription(delivery.value).id)
    delivery.ack()
    if (found instanceof ServiceError) return this.refuse(found)
    this.receiver = found
    const forget = found.onEnd(() =>
      this.refuse(new ServiceError('unavailable', 'The subscription has ended', { code: 410 })),
    )
    this.subscriptions.add(forget)
    this.subscriptions.add(() => this.host.over())
    this.subscriptions.add(() =>
      found.withdrawAll(post => post instanceof StreamedPost && post.stream === this),
    )
  }

  private readonly tell = (): void => {
    clearImmediate(this.telling)
    this.telling = undefined
    this.untold = this.room === 0
    if (this.untold || this.over) return
    this.send(
      progressOf({
        acked: this.acked,
        nacked: this.nacked,
        ...(this.error === undefined ? {} : { error: this.error }),
      }),
    )
    this.endWhenDone()
  }

  /** The publisher has ended and everything is answered, and told: `tell` comes here again. */
  private endWhenDone(): void {
    const done = this.acked + this.nacked === this.received
    if (!this.ended || !done || this.telling !== undefined || this.untold) return
    this.channel.end()
    this.finish()
  }

  private refuse(error: ServiceError): void {
    if (this.telling !== undefined) this.tell()
    if (this.room > 0) this.send(refusalOf(error))
    this.channel.end()
    this.finish()
    // What still comes is read and not kept, until the publisher ends.
    this.channel.incoming.subscribe({ next: delivery => delivery.ack(), error: () => undefined })
  }

  private send(message: Message): void {
    this.room -= 1
    this.channel.send(message)
  }

  private finish(): void {
    if (this.over) return
    this.over = true
    clearImmediate(this.telling)
    this.subscriptions.unsubscribe()
  }
}

/** One message of a published stream. */
class StreamedPost implements OpenPost {
  constructor(
    readonly stream: ReceivedStream,
    private readonly delivery: Delivery<Message>,
  ) {}

  get message(): Message {
    return this.delivery.value
  }

  answer(error?: ServiceError): void {
    this.delivery.ack()
    this.stream.answered(error)
  }

  release(): void {
    this.delivery.ack()
  }

  decline(): void {
    this.delivery.ack()
  }

  waits(): void {
    // What waits is bounded by the credit of the publisher.
  }
}
