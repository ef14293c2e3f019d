/** Longer heads are not kept: the peer decides how long they are, and every connection may keep one. */
const longest = 1024

const none = Buffer.alloc(0)

/** The last head of a connection with what was read from it: peers begin most of their messages with the same bytes, which are read once. */
export class RepeatedHead<T> {
  private bytes = none
  private meaning: T | undefined

  /** How many bytes the head has. */
  get length(): number {
    return this.bytes.length
  }

  /** What was read from the head, if the bytes from `start` are the same again. */
  match(buffer: Buffer, start: number, end: number): T | undefined {
    const { bytes, meaning } = this
    const headEnd = start + bytes.length
    if (meaning === undefined || headEnd > end) return undefined
    return bytes.compare(buffer, start, headEnd) === 0 ? meaning : undefined
  }

  /** Keeps a copy of a whole head, unless it is long. What was read from it is shared from now on. */
  remember(head: Uint8Array, meaning: T): void {
    if (head.length > longest) return
    this.bytes = Buffer.from(head)
    this.meaning = meaning
  }
}
