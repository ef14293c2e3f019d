import type { PendingDelivery, DeliveryQueue } from '../../delivery-queue.js'
import { ServiceError, type Message } from '../../../streams/index.js'

/** One subscription as its group sees it. */
export interface Member {
  /** How many more deliveries it takes before it has answered one. */
  readonly room: number
  deliver(message: Message): void
}

/**
 * Subscribers that share messages: the members of a queue, or one subscriber alone. It takes what publishers hold for it when a
 * member has room, one message of each publisher in turn, and gives it to the member that has most room.
 */
export class Group {
  private readonly members = new Set<Member>()
  private readonly feeds = new Set<DeliveryQueue<Message>>()
  private pumping = false

  constructor(
    /** For reports and errors. */
    readonly name: string,
    private readonly emptied: () => void,
  ) {}

  add(member: Member): void {
    this.members.add(member)
    this.pump()
  }

  /** What waits goes to another member; without one it fails, and the group is gone. */
  remove(member: Member): void {
    if (!this.members.delete(member) || this.members.size > 0) return
    this.emptied()
    const gone = new ServiceError('unavailable', `${this.name} has unsubscribed`)
    for (const feed of this.feeds) feed.fail(gone)
    this.feeds.clear()
  }

  /** A publisher has put something into its queue for this group. */
  feed(queue: DeliveryQueue<Message>): void {
    this.feeds.add(queue)
    this.pump()
  }

  /** Moves what can be moved, in a microtask: neither a publish nor an ack meets a handler inside it. */
  pump(): void {
    if (this.pumping) return
    this.pumping = true
    queueMicrotask(() => {
      this.pumping = false
      this.move()
    })
  }

  private move(): void {
    for (;;) {
      const member = this.roomiest()
      const pending = member === undefined ? undefined : this.takeNext()
      if (member === undefined || pending === undefined) return
      member.deliver(copyOf(pending.value))
      pending.settle()
    }
  }

  private roomiest(): Member | undefined {
    let best: Member | undefined
    for (const member of this.members) if (member.room > (best?.room ?? 0)) best = member
    if (best === undefined) return undefined
    this.members.delete(best) // to the end, so that members with the same room take turns
    this.members.add(best)
    return best
  }

  private takeNext(): PendingDelivery<Message> | undefined {
    for (const feed of this.feeds) {
      this.feeds.delete(feed)
      const pending = feed.take()
      if (feed.size > 0) this.feeds.add(feed)
      if (pending !== undefined) return pending
    }
    return undefined
  }
}

function copyOf({ headers, body }: Message): Message {
  return { headers: { ...headers }, body: new Uint8Array(body) } // slice() of a Buffer shares its memory
}
