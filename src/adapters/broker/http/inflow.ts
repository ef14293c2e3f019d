import type { InboxSocket } from './inbox-socket.js'

/** How many POSTs of a connection may wait for room in a window while it is read: one, so that a publisher that leaves is noticed. */
const mayWait = 1

/**
 * What comes in over one connection. Node reads and parses requests as fast as they arrive, whatever became of those before; this stops the
 * reading while too much of the connection is unanswered.
 */
export class Inflow {
  private closing = false
  private paused = false
  private waiting = 0
  private unanswered = 0
  private readonly open = new Set<() => void>()

  constructor(
    private readonly socket: InboxSocket,
    private readonly maxUnansweredBytes: number,
  ) {
    socket.once('close', () => {
      for (const ended of [...this.open]) ended()
    })
  }

  /** Whether nothing is read. */
  get isPaused(): boolean {
    return this.paused
  }

  /** Whether the connection closes after an answer that was given: what follows is not processed (RFC 9112 section 9.6). */
  get isClosing(): boolean {
    return this.closing
  }

  /** Calls `ended` when the connection closes: Node tells it only of the response that is being written. Returns what forgets it. */
  onClose(ended: () => void): () => void {
    this.open.add(ended)
    return () => this.open.delete(ended)
  }

  /** The answer that is given now is the last one. */
  close(): void {
    this.closing = true
  }

  /** A request came behind the last one that is answered: nothing further is read. */
  ignore(): void {
    this.waiting = Infinity
    this.regulate()
  }

  /** One POST more or less waits for its subscription. */
  waits(waiting: boolean): void {
    this.waiting += waiting ? 1 : -1
    this.regulate()
  }

  /** The bytes of whole requests without an answer are this many more, or fewer. */
  add(bytes: number): void {
    this.unanswered += bytes
    this.regulate()
  }

  private regulate(): void {
    const full = this.waiting > mayWait || this.unanswered >= this.maxUnansweredBytes
    if (full === this.paused) return
    this.paused = full
    if (!this.socket.destroyed) this.socket.stopReading(full)
  }
}
