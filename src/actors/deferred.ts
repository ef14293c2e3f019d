/** A promise that is settled from outside. The first of the two calls counts. */
export interface Deferred {
  readonly promise: Promise<void>
  resolve(): void
  reject(reason: Error): void
}

/** A promise with its functions beside it. Nobody has to wait for it: a rejection is never unhandled. */
export function createDeferred(): Deferred {
  let resolve = (): void => undefined
  let reject = (_: Error): void => undefined
  const promise = new Promise<void>((done, failed) => {
    resolve = done
    reject = failed
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
