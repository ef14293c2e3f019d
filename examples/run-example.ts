import { fileURLToPath } from 'node:url'
import type { ServiceOptions } from 'headrace'

/** What an example is given. */
export interface Example {
  /** Where its lines go. */
  readonly print: (line: string) => void
  /** Options for one service, besides its name. Called for each: adapters belong to the service that they are given to. */
  readonly options: () => Omit<ServiceOptions, 'name' | 'flags'>
  /** Ends an example that runs until it is told to stop. */
  readonly signal?: AbortSignal
}

/** Runs an example when its file is the program, with the adapters that flags and defaults say; does nothing when a test imports it. */
export async function runExample(url: string, main: (example: Example) => Promise<void>): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return
  try {
    await main({ print: line => console.log(line), options: () => ({}) })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1) // services of an example that failed may still be open
  }
}
