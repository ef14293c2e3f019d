/** Runs a task later, never within the call. */
export type Later = (task: () => void) => void

/** What is handed over together in a later turn, in order. */
export class Batch<T> {
  private items: T[] = []

  constructor(
    private readonly later: Later,
    private readonly hand: (item: T) => void,
  ) {}

  push(item: T): void {
    this.items.push(item)
    if (this.items.length === 1) this.later(this.flush)
  }

  private readonly flush = (): void => {
    const { items } = this
    this.items = []
    for (const item of items) this.hand(item)
  }
}
