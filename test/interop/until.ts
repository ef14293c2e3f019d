import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is yes. Hooks have no `expect.poll`. */
export async function until(
  asked: () => Promise<boolean>,
  what: () => string,
  timeoutMs = 15_000,
): Promise<void> {
  const limit = Date.now() + timeoutMs
  while (!(await asked())) {
    if (Date.now() > limit) throw new Error(`not so within ${timeoutMs} ms: ${what()}`)
    await sleep(20)
  }
}
