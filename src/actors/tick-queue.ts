/** Whole numbers, the least first: a binary heap. */
export class TickQueue {
  private ticks: number[] = []

  get size(): number {
    return this.ticks.length
  }

  /** The least of all, or `undefined`. */
  get least(): number | undefined {
    return this.ticks[0]
  }

  push(tick: number): void {
    const { ticks } = this
    let at = ticks.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = ticks[above] as number
      if (other <= tick) break
      ticks[at] = other
      at = above
    }
    ticks[at] = tick
  }

  /** Takes the least out. */
  shift(): void {
    const { ticks } = this
    const tick = ticks.pop()
    if (tick === undefined || ticks.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = ticks[left + 1]
      const below = right !== undefined && right < (ticks[left] as number) ? left + 1 : left
      const other = ticks[below]
      if (other === undefined || other >= tick) break
      ticks[at] = other
      at = below
    }
    ticks[at] = tick
  }

  /** Keeps one of each tick that `wanted` says yes to. */
  prune(wanted: (tick: number) => boolean): void {
    this.ticks = [...new Set(this.ticks)].filter(wanted).sort((a, b) => a - b)
  }
}
