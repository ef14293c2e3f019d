/** A place in a {@link LinkedQueue}: what leaves the queue early with. */
export interface Place<T> {
  readonly value: T
  before: Place<T> | undefined
  after: Place<T> | undefined
  queued: boolean
}

/** A queue in the order of arrival that any entry can leave early. Every operation takes constant time; the size is bounded by who pushes. */
export class LinkedQueue<T> {
  private head: Place<T> | undefined
  private tail: Place<T> | undefined
  private length = 0

  /** How many wait. */
  get size(): number {
    return this.length
  }

  /** The entry that has waited longest; it stays. */
  get first(): T | undefined {
    return this.head?.value
  }

  /** Adds at the end. */
  push(value: T): Place<T> {
    const place: Place<T> = { value, before: this.tail, after: undefined, queued: true }
    if (this.tail === undefined) this.head = place
    else this.tail.after = place
    this.tail = place
    this.length += 1
    return place
  }

  /** Adds before all others. */
  unshift(value: T): Place<T> {
    const place: Place<T> = { value, before: undefined, after: this.head, queued: true }
    if (this.head === undefined) this.tail = place
    else this.head.before = place
    this.head = place
    this.length += 1
    return place
  }

  /** Takes out the entry that has waited longest. */
  shift(): T | undefined {
    const place = this.head
    if (place === undefined) return undefined
    this.remove(place)
    return place.value
  }

  /** Takes out everything, and gives it out in order. */
  clear(): readonly T[] {
    const values: T[] = []
    for (let place = this.head; place !== undefined; place = this.head) {
      values.push(place.value)
      this.remove(place)
    }
    return values
  }

  /** The entries in order; the one that is given out may be taken out meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let place = this.head; place !== undefined;) {
      const { value, after } = place
      yield value
      place = after
    }
  }

  /** Takes out an entry wherever it stands; false when it has left already. */
  remove(place: Place<T>): boolean {
    if (!place.queued) return false
    const { before, after } = place
    if (before === undefined) this.head = after
    else before.after = after
    if (after === undefined) this.tail = before
    else after.before = before
    place.queued = false
    place.before = undefined
    place.after = undefined
    this.length -= 1
    return true
  }
}
