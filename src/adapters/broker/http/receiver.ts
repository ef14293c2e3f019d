import { createDelivery, type Delivery, type Message, type ServiceError } from '../../../streams/index.js'

/** A POST that is open until its message is answered. */
export interface OpenPost {
  readonly message: Message
  /** Answers it; the first call counts. */
  answer(): void
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
 * The deliveries of one subscription: at most a window of them is unanswered, the POSTs beyond it wait, oldest first. Publishers
 * post one message after the other, so few wait; the inbox bounds their bytes.
 */
export class Receiver {
  private readonly open = new Set<OpenPost>()
  private readonly waiting = new Set<OpenPost>()
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

  /** Hands a message over now or later, and returns what takes it back if it still waits: its publisher is gone. */
  accept(post: OpenPost): () => void {
    this.waiting.add(post)
    this.next()
    return () => this.waiting.delete(post)
  }

  /** The subscription has ended: the publishers wait no longer, what the handlers still say is not heard. */
  end(): void {
    for (const post of [...this.open, ...this.waiting]) post.answer()
    this.open.clear()
    this.waiting.clear()
  }

  private handOver(post: OpenPost): void {
    this.open.add(post)
    const answered = (error?: ServiceError) => {
      if (!this.open.delete(post)) return
      if (error !== undefined) this.options.failed(error)
      post.answer()
      this.next()
    }
    this.options.deliver(createDelivery(post.message, answered))
  }

  private next(): void {
    for (const post of this.waiting) {
      if (!this.started || this.open.size >= this.options.window) return
      this.waiting.delete(post)
      this.handOver(post)
    }
  }
}
