import type { SchedulerLike, Subscription } from 'rxjs'

/** Something that is looked at now and then. */
export interface Swept {
  sweep(): void
}

/** One timer for many connections: each is looked at once in a period, and there is no timer while there is no connection. */
export class Sweep {
  private readonly swept = new Set<Swept>()
  private timer: Subscription | undefined

  constructor(
    private readonly scheduler: SchedulerLike,
    readonly periodMs: number,
  ) {}

  add(item: Swept): void {
    this.swept.add(item)
    this.timer ??= this.next()
  }

  delete(item: Swept): void {
    this.swept.delete(item)
    if (this.swept.size > 0) return
    this.timer?.unsubscribe()
    this.timer = undefined
  }

  private next(): Subscription {
    return this.scheduler.schedule(() => {
      this.timer = this.next()
      for (const item of [...this.swept]) item.sweep()
    }, this.periodMs)
  }
}
