import { ServiceError, type Message } from '../../../streams/index.js'

/** What became of a message that a member was given: it was acked or nacked, or the member left without an answer. */
export type Answer = 'acked' | 'left' | ServiceError

/** A message on its way to a member. */
export interface Handed {
  readonly value: Message
  /** A member has it. */
  settle(): void
  /** Absent: nobody asks what became of it. */
  readonly answered?: (answer: Answer) => void
}

/** What one publisher, or one published stream, holds for a group. */
export interface Feed {
  /** How many messages wait. */
  readonly size: number
  /** The one that waits longest, which waits no more. */
  take(): Handed | undefined
  /** Everything that waits fails: the group is gone. */
  fail(error: ServiceError): void
}

/** One subscription as its group sees it. */
export interface Member {
  /** How many more deliveries it takes before it has answered one. */
  readonly room: number
  deliver(message: Message, answered: Handed['answered']): void
}

/**
 * Subscribers that share messages: the members of a queue, or one subscriber alone. It takes what publishers hold for it when a
 * member has room, one message of each publisher in turn, and gives it to the member that has most room.
 */
export class Group {
  private readonly members = new Set<Member>()
  /** Those that hold something. */
  private readonly feeds = new Set<Feed>()
  /** Those that are told when the group is gone, also if they hold nothing. */
  private readonly followers = new Set<Feed>()
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
    const holding = [...this.followers, ...this.feeds]
    this.followers.clear()
    this.feeds.clear()
    for (const feed of holding) feed.fail(gone)
  }

  /** A publisher has put something into what it holds for this group. */
  feed(feed: Feed): void {
    this.feeds.add(feed)
    this.pump()
  }

  /** Tells `feed` when the group is gone; returns what stops that. */
  follow(feed: Feed): () => void {
    this.followers.add(feed)
    return () => this.followers.delete(feed)
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
      member.deliver(copyOf(pending.value), pending.answered)
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

  private takeNext(): Handed | undefined {
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
