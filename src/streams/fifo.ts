/** A queue with O(1) `push` and `shift`. It sets no limit: whoever fills it does. */
export class Fifo<T> {
  private items: (T | undefined)[] = []
  private head = 0

  get length(): number {
    return this.items.length - this.head
  }

  push(item: T): void {
    this.items.push(item)
  }

  /** Takes the oldest item out; `undefined` when there is none. */
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined
    const item = this.items[this.head]
    this.items[this.head] = undefined
    this.head += 1
    if (this.head === this.items.length) this.clear()
    else if (this.head >= 64 && this.head * 2 >= this.items.length) this.compact()
    return item
  }

  clear(): void {
    if (this.items.length > 0) this.items = []
    this.head = 0
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.head; at < this.items.length; at += 1) yield this.items[at] as T
  }

  // Moves at most as many items as were shifted since the last move, so a shift costs O(1) on average.
  private compact(): void {
    this.items = this.items.slice(this.head)
    this.head = 0
  }
}
