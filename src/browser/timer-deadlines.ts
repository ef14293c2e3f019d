import { Subscription } from 'rxjs'
import type { Deadlines } from '../actors/deadlines.js'
import type { Clock } from '../streams/clock.js'

/** Deadlines with a timer each: a page has few calls under way, and must be small. */
export function timerDeadlines({ scheduler }: Clock): Deadlines {
  const all = new Subscription()
  const timers = new Set<Subscription>()
  return {
    add(atMs, expire) {
      const timer = scheduler.schedule(
        () => {
          forget()
          expire()
        },
        Math.max(0, atMs - scheduler.now()),
      )
      const forget = () => {
        all.remove(timer)
        timers.delete(timer)
      }
      all.add(timer)
      timers.add(timer)
      return () => {
        timer.unsubscribe()
        forget()
      }
    },
    get size() {
      return timers.size
    },
    close: () => all.unsubscribe(),
  }
}
