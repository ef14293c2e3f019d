import type { Flow } from 'headrace/streams'

/** What a stream gave, and how it ended. */
export interface Outcome {
  readonly values: readonly unknown[]
  readonly error?: unknown
}

/** Subscribes a stream up to its end; `onValue` hears how many values have come. */
export function outcomeOf(
  flow: Flow<unknown>,
  onValue: (count: number) => void = () => undefined,
): Promise<Outcome> {
  const values: unknown[] = []
  return new Promise(resolve =>
    flow.subscribe({
      next: value => onValue(values.push(value)),
      error: (error: unknown) => resolve({ values, error }),
      complete: () => resolve({ values }),
    }),
  )
}
