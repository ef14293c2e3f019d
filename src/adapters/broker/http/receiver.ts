import { type Delivery, type Message, type ServiceError } from '../../../streams/index.js'

/** A POST that is open until its message is answered. */
export interface OpenPost {
  readonly message: Message
  /** Answers that its message was handled, or that its handler failed. The first answer counts, this or another. */
  answer(error?: ServiceError): void
  /** The subscription has ended, and nobody will say what became of its message. */
  release(): void
  /** Answers that its message was not handled, and will not be. */
  decline(): void
  /** It waits for room in the window, or does so no more. */
  waits(waiting: boolean): void
}

/** How a {@link Receiver} is made. */
export interface ReceiverOptions {
  readonly topic: string
  readonly window: number
  readonly deliver: (delivery: Delivery<Message>) => void
  /** A handler failed; nobody else hears of it. */
  readonly failed: (error: ServiceError) => void
}

/**
 * The deliveries of one subscription: at most a window of them is unanswered, the POSTs beyond it wait, oldest first. Nothing is read from
 * a connection while more than one of its POSTs waits, so few do; the inbox bounds their bytes.
 */
export class Receiver {
  private readonly open = new Set<OpenPost>()
  private readonly waiting = new Set<OpenPost>()
  private readonly endings = new Set<() => void>()
  private started = false

  constructor(private readonly options: ReceiverOptions) {}

  get topic(): string {
    return this.options.topic
  }

  /** From now on messages are handed over; what came before waits. */
  start(): void {
    this.started = true
    this.next()
  }

  /** Hands a message over now or later. */
  accept(post: OpenPost): void {
    if (this.hasRoom && this.waiting.size === 0) return this.handOver(post)
    this.waiting.add(post)
    post.waits(true)
  }

  /** Takes a message back if it still waits: its publisher is gone. */
  withdraw(post: OpenPost): void {
    if (this.waiting.delete(post)) post.waits(false)
  }

  /** Takes back what waits and is among these. */
  withdrawAll(isAmong: (post: OpenPost) => boolean): void {
    for (const post of [...this.waiting]) if (isAmong(post)) this.withdraw(post)
  }

  /** Calls `ended` when the subscription ends; returns what forgets it. */
  onEnd(ended: () => void): () => void {
    this.endings.add(ended)
    return () => this.endings.delete(ended)
  }

  /** The subscription has ended: the publishers wait no longer, what the handlers still say is not heard. What waits can go elsewhere. */
  end(): void {
    const open = [...this.open]
    this.open.clear()
    for (const post of open) post.release()
    for (const post of [...this.waiting]) {
      this.withdraw(post)
      post.decline()
    }
    for (const ended of [...this.endings]) ended()
    this.endings.clear()
  }

  private get hasRoom(): boolean {
    return this.started && this.open.size < this.options.window
  }

  /** For {@link HandedOver}. */
  answered(post: OpenPost, error?: ServiceError): void {
    if (!this.open.delete(post)) return
    if (error !== undefined) this.options.failed(error)
    post.answer(error)
    if (this.waiting.size > 0) this.next()
  }

  private handOver(post: OpenPost): void {
    this.open.add(post)
    this.options.deliver(new HandedOver(post, this))
  }

  private next(): void {
    for (const post of this.waiting) {
      if (!this.hasRoom) return
      this.withdraw(post)
      this.handOver(post)
    }
  }
}

/** A message that the subscription has. That the first answer counts is seen to where it is taken. */
class HandedOver implements Delivery<Message> {
  constructor(
    private readonly post: OpenPost,
    private readonly receiver: Receiver,
  ) {}

  get value(): Message {
    return this.post.message
  }

  ack(): void {
    this.receiver.answered(this.post)
  }

  nack(error: ServiceError): void {
    this.receiver.answered(this.post, error)
  }
}
