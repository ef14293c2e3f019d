/** How many operations ended, in how many seconds. */
export interface Throughput {
  readonly count: number
  readonly seconds: number
}

/** Keeps `width` operations under way for `ms` milliseconds. */
export async function keepInFlight(
  operation: () => PromiseLike<unknown> | undefined,
  width: number,
  ms: number,
): Promise<Throughput> {
  const began = performance.now()
  let count = 0
  const worker = async () => {
    while (performance.now() - began < ms) {
      await operation()
      count += 1
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return { count, seconds: (performance.now() - began) / 1000 }
}
