/** One message of the proof. */
export interface Numbered {
  readonly n: number
  readonly text: string
}

/** How many messages are taken slowly. */
export const slowMessages = 500

/** Resident bytes after a forced collection. Needs --expose-gc. */
export function sampleMemory(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

/** Takes 10 ms for each of the first 500, and no time for the others. */
export function slowly(n: number, take: () => void): void | Promise<void> {
  if (n >= slowMessages) return take()
  return new Promise<void>(resolve => setTimeout(resolve, 10)).then(take)
}

/** Whether numbers come one after another from 0. */
export function createOrderCheck() {
  let next = 0
  let inOrder = true
  return {
    see: (n: number) => {
      inOrder = inOrder && n === next
      next += 1
    },
    result: () => ({ count: next, inOrder }),
  }
}
