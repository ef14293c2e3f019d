import { Subscription } from 'rxjs'
import type { Effect } from './behavior.js'

/** Where the outcome of effects goes. */
export interface EffectSink<M> {
  /** Runs a job in a turn of its own. */
  post(job: () => void): void
  /** Called in a turn with what an effect emitted. */
  receive(message: M): void
  /** Called in a turn with the error of an effect. */
  fail(reason: unknown): void
}

/** The running effects of one actor. */
export class Effects<M> {
  private readonly running = new Map<unknown, Subscription>()

  constructor(private readonly sink: EffectSink<M>) {}

  /** Subscribes to an effect, in place of the running one of its key. */
  start({ key, messages }: Effect<M>): void {
    const place = key ?? {}
    this.cancel(place)
    const running = new Subscription()
    this.running.set(place, running)
    // What a cancelled effect has sent is void. So its end, too, waits in the mailbox behind what it sent.
    const post = (job: () => void) => this.sink.post(() => this.running.get(place) === running && job())
    running.add(
      messages.subscribe({
        next: message => post(() => this.sink.receive(message)),
        error: (reason: unknown) => post(() => this.sink.fail(reason)),
        complete: () => post(() => this.running.delete(place)),
      }),
    )
  }

  /** Unsubscribes from the effect of a key, if there is one. */
  cancel(key: unknown): void {
    const running = this.running.get(key)
    this.running.delete(key)
    running?.unsubscribe()
  }

  /** Unsubscribes from all effects; `broken` hears of a teardown that throws, and the others run all the same. */
  cancelAll(broken: (reason: unknown) => void): void {
    for (const key of [...this.running.keys()]) {
      try {
        this.cancel(key)
      } catch (reason) {
        broken(reason)
      }
    }
  }
}
