import type { Clock } from '../streams/clock.js'

/** Resolves after `ms` of the clock. */
export function sleep(ms: number, { scheduler }: Clock): Promise<void> {
  return new Promise(resolve => void scheduler.schedule(() => resolve(), ms))
}

/** True when `work` is done within `ms` of the clock. Leaves no timer behind. */
export async function doneWithin(ms: number, work: Promise<unknown>, { scheduler }: Clock): Promise<boolean> {
  let late: (value: boolean) => void = () => undefined
  const limit = new Promise<boolean>(resolve => (late = resolve))
  const timer = scheduler.schedule(() => late(false), ms)
  try {
    return await Promise.race([work.then(() => true), limit])
  } finally {
    timer.unsubscribe()
  }
}
