import type { Message } from '../../streams/index.js'

/** Longer heads are not kept, since every connection may keep one. */
const longest = 1024

/** The last head that was written: most messages of a connection differ in nothing but the bytes of their bodies. */
export class LastHead {
  private keys: readonly string[] = []
  private values: readonly string[] = []
  private bodyLength = -1
  private start = ''
  private head = ''

  /** The same head, if a message that begins with `start` has it again. */
  match({ headers, body }: Message, start: string): string | undefined {
    if (body.byteLength !== this.bodyLength || start !== this.start) return undefined
    const { keys, values } = this
    let at = 0
    for (const key in headers) {
      if (keys[at] !== key || values[at] !== headers[key]) return undefined
      at += 1
    }
    return at === keys.length ? this.head : undefined
  }

  /** Keeps the head of a message, unless it is long, and returns it. */
  remember({ headers, body }: Message, start: string, head: string): string {
    if (head.length > longest) return head
    this.keys = Object.keys(headers)
    this.values = Object.values(headers)
    this.bodyLength = body.byteLength
    this.start = start
    this.head = head
    return head
  }
}
