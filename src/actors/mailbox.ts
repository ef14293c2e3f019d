import { Subscription, type SchedulerLike } from 'rxjs'
import { Fifo } from '../streams/fifo.js'

/** What bounds a {@link Mailbox}. */
export interface MailboxLimits {
  /** How many letters from outside may wait. */
  readonly maxMailbox: number
  /** After how many turns in a row the event loop gets its chance. */
  readonly maxTurns: number
}

/**
 * Takes turns, one at a time and never within another: jobs from inside first, in their order, then letters from outside in theirs.
 * Jobs are never refused: their number is bounded by what the actor itself has running.
 */
export class Mailbox<L> {
  private readonly inside = new Fifo<() => void>()
  private readonly outside = new Fifo<L>()
  private busy = false
  private sealed = false
  private resting = Subscription.EMPTY

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly limits: MailboxLimits,
    private readonly open: (letter: L) => void,
  ) {}

  /** Queues a job of the actor itself. */
  post(job: () => void): void {
    this.inside.push(job)
    this.takeTurns()
  }

  /** Queues a letter from outside; false when too many wait. */
  offer(letter: L): boolean {
    if (this.outside.length >= this.limits.maxMailbox) return false
    this.outside.push(letter)
    this.takeTurns()
    return true
  }

  /** Takes no turn for `ms` milliseconds; `next` then stands behind the jobs that wait. */
  rest(ms: number, next?: () => void): void {
    this.resting.unsubscribe()
    this.resting = this.scheduler.schedule(() => {
      this.resting = Subscription.EMPTY
      if (next !== undefined) this.inside.push(next)
      this.takeTurns()
    }, ms)
  }

  /** Takes no more turns and gives out the letters that wait. */
  seal(): readonly L[] {
    this.sealed = true
    this.resting.unsubscribe()
    this.inside.clear()
    const letters = [...this.outside]
    this.outside.clear()
    return letters
  }

  private get awake(): boolean {
    return !this.sealed && this.resting.closed
  }

  private takeTurns(): void {
    if (this.busy || !this.awake) return
    this.busy = true
    try {
      let turns = 0
      while (this.awake && turns < this.limits.maxTurns && this.takeTurn()) turns += 1
    } finally {
      this.busy = false
      if (this.awake && this.inside.length + this.outside.length > 0) this.rest(0)
    }
  }

  private takeTurn(): boolean {
    const job = this.inside.shift()
    if (job !== undefined) {
      job()
      return true
    }
    const letter = this.outside.shift()
    if (letter !== undefined) this.open(letter)
    return letter !== undefined
  }
}
