import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import type { Clock } from 'headrace/streams'

/** Time that moves only when told to, and chance that is a fixed sequence. */
export class VirtualClock extends VirtualTimeScheduler implements Clock {
  readonly scheduler = this
  readonly random: () => number

  /** `chance` is repeated; default: always 0.5. */
  constructor(chance: readonly number[] = [0.5]) {
    super(VirtualAction, 0)
    let turn = 0
    this.random = () => chance[turn++ % chance.length] ?? 0.5
  }

  /** Runs everything that is due within the next `ms` milliseconds, then it is that time. */
  advance(ms: number): void {
    const until = this.frame + ms
    this.maxFrames = until
    this.flush()
    this.frame = until
  }

  /** How many things wait for their time. */
  get pending(): number {
    return this.actions.filter(action => !action.closed).length
  }
}

/** Lets everything run that waits for promises and immediates, without moving virtual time. */
export async function settle(rounds = 10): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise<void>(resolve => setImmediate(resolve))
}
