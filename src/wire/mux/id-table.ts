/** What an {@link IdTable} keeps; its id must not change while it is kept. */
interface Numbered {
  readonly id: number
}

const leastSlots = 16

/**
 * Entries by their ids, for ids that are given out in order and soon taken back. Not a `Map`: when entries come and go all the time a Map
 * moves to a new table again and again, and every table that it has left points to the next one. Once a table has grown old enough to wait for a full
 * collection, all that came after it waits as well, and each call that has ended is copied as if it were alive.
 */
export class IdTable<T extends Numbered> {
  private slots: (T | undefined)[] = emptySlots(leastSlots)
  private mask = leastSlots - 1
  private count = 0

  get size(): number {
    return this.count
  }

  get(id: number): T | undefined {
    const { slots, mask } = this
    for (let at = id & mask; ; at = (at + 1) & mask) {
      const entry = slots[at]
      if (entry === undefined || entry.id === id) return entry
    }
  }

  /** Takes in an entry whose id is not there. */
  add(entry: T): void {
    if (this.count * 2 >= this.slots.length) this.resize(this.slots.length * 2)
    this.count += 1
    this.place(entry)
  }

  /** Takes an entry out, if it is there. */
  delete(id: number): void {
    const { slots, mask } = this
    let gap = id & mask
    for (let entry = slots[gap]; entry?.id !== id; entry = slots[gap]) {
      if (entry === undefined) return
      gap = (gap + 1) & mask
    }
    this.close(gap)
    this.count -= 1
    if (this.count * 8 < slots.length && slots.length > leastSlots) this.resize(slots.length / 2)
  }

  /** All of them, in the order of their ids. */
  all(): T[] {
    return this.slots.filter(entry => entry !== undefined).sort((a, b) => a.id - b.id)
  }

  private place(entry: T): void {
    const { slots, mask } = this
    let at = entry.id & mask
    while (slots[at] !== undefined) at = (at + 1) & mask
    slots[at] = entry
  }

  /** Empties a slot: an entry behind it that could stand there moves up, so that no search ends too early. */
  private close(emptied: number): void {
    const { slots, mask } = this
    let gap = emptied
    let at = gap
    for (;;) {
      at = (at + 1) & mask
      const entry = slots[at]
      if (entry === undefined) break
      const away = (at - entry.id) & mask
      if (away < ((at - gap) & mask)) continue
      slots[gap] = entry
      gap = at
    }
    slots[gap] = undefined
  }

  private resize(slots: number): void {
    const entries = this.slots
    this.slots = emptySlots(slots)
    this.mask = slots - 1
    for (const entry of entries) if (entry !== undefined) this.place(entry)
  }
}

function emptySlots(count: number): undefined[] {
  return new Array<undefined>(count).fill(undefined)
}
