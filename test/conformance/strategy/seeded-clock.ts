import { VirtualTimeScheduler } from 'rxjs'
import type { Clock } from 'headrace/streams'

/** A clock that stands still, with chance that is the same for the same seed (mulberry32). */
export function seededClock(seed: number): Clock {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { scheduler: new VirtualTimeScheduler(), random }
}
