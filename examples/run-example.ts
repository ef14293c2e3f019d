import { fileURLToPath } from 'node:url'
import type { ServiceOptions } from 'headrace'

/** What every example can be given: options for its services, and where its output goes. */
export interface ExampleOptions extends Omit<Partial<ServiceOptions>, 'flags'> {
  readonly print: (line: string) => void
  readonly signal?: AbortSignal
}

/** Runs an example when its file is the program; does nothing when a test imports it. */
export async function runExample(
  url: string,
  main: (options: ExampleOptions) => Promise<void>,
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return
  try {
    await main({ print: line => console.log(line) })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
