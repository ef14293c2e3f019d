import { Subscription } from 'rxjs'
import {
  ServiceError,
  type Channel,
  type Delivery,
  type Message,
  type NodeRecord,
} from '../../../streams/index.js'
import { readAnswer, readProgress, toSubscription } from '../../../wire/broker-mux.js'
import type { DeliveryLinks } from './delivery-links.js'

/** What a {@link StreamMember} tells. */
export interface MemberEvents {
  /** There may be room, or something was answered. */
  changed(): void
  /** It takes nothing more and nothing more is answered; `error` is why, if its node did not end it in order. */
  over(member: StreamMember, error: ServiceError | undefined): void
}

/**
 * One subscriber of a published stream on the fast lane: a channel of its connection. What it may be sent is the credit of its window, and a few messages
 * that wait here for credit.
 */
export class StreamMember {
  room = 0
  sent = 0
  acked = 0
  nacked = 0
  /** The first failure of a handler. */
  error: ServiceError | undefined
  private channel: Channel | undefined
  private readonly subscriptions = new Subscription()
  private ended = false
  private isOver = false

  constructor(
    readonly node: NodeRecord,
    private readonly events: MemberEvents,
  ) {}

  /** Opens the channel. Called once. */
  start(links: DeliveryLinks): void {
    links.use(this.node, {
      ready: link => {
        if (this.isOver) return
        if (link.room === 0)
          return this.finish(new ServiceError('unavailable', `${link.peer} takes nothing more`))
        this.begin(link.open())
      },
      failed: error => this.finish(error),
    })
  }

  /** Call it only when there is room. */
  send(message: Message): void {
    this.room -= 1
    this.sent += 1
    this.channel?.send(message)
  }

  /** Nothing more comes. */
  end(): void {
    this.ended = true
    this.channel?.end()
    if (this.channel === undefined) this.finish(undefined)
  }

  private begin(channel: Channel): void {
    const { subscriptions, node } = this
    this.channel = channel
    subscriptions.add(
      channel.incoming.subscribe({
        next: delivery => this.hear(delivery),
        error: (error: unknown) => this.finish(ServiceError.from(error)),
        complete: () => this.complete(channel),
      }),
    )
    let opened = false
    subscriptions.add(
      channel.demand.subscribe({
        next: more => {
          this.room += more
          if (!opened && this.room > 0) {
            opened = true
            this.room -= 1
            channel.send(toSubscription(node.id))
          }
          if (opened) this.events.changed()
        },
        error: (error: unknown) => this.finish(ServiceError.from(error)),
      }),
    )
  }

  private hear(delivery: Delivery<Message>): void {
    const { value } = delivery
    delivery.ack()
    try {
      const progress = readProgress(value)
      if (progress === undefined) return this.refused(readAnswer(value).error)
      this.acked = progress.acked
      this.nacked = progress.nacked
      this.error ??= progress.error
      this.events.changed()
    } catch (error) {
      this.channel?.abort(ServiceError.from(error))
      this.finish(ServiceError.from(error))
    }
  }

  /** The subscription has ended, or does not take the stream. */
  private refused(error = new ServiceError('unavailable', 'it does not say why')): void {
    const { id, address } = this.node
    this.channel?.end()
    this.finish(new ServiceError('unavailable', `'${id}' at ${address}: ${error.detail}`, { cause: error }))
  }

  private complete(channel: Channel): void {
    channel.end()
    const { id } = this.node
    this.finish(
      this.ended ? undefined : new ServiceError('unavailable', `'${id}' has ended the stream before its end`),
    )
  }

  private finish(error: ServiceError | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.room = 0
    this.subscriptions.unsubscribe()
    this.events.over(this, error)
  }
}
