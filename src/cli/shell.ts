import type { networkInterfaces } from 'node:os'
import type { Clock } from '../streams/clock.js'
import type { ServiceOptions } from '../service/options.js'
import type { Service } from '../service/service-types.js'

/** Where text goes. */
export interface Writer {
  /** Resolves when the text has been taken, so a slow reader slows the writer. Rejects when nobody reads any more. */
  write(text: string): Promise<void>
  readonly isTerminal: boolean
  /** The width of the terminal in characters; 80 where there is none. */
  readonly columns: number
}

/** What a command uses of its process. Tests give their own. */
export interface Shell {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working directory, absolute. */
  readonly cwd: string
  /** The lines of standard input. */
  readonly lines: AsyncIterable<string>
  readonly stdout: Writer
  readonly stderr: Writer
  /** @default the machine's clock */
  readonly clock?: Clock
  readonly networkInterfaces: typeof networkInterfaces
  /** Makes the service that a command works with. Its code is loaded by the first call. */
  readonly createService: (options: ServiceOptions) => Promise<Service>
  /** Listens to the first SIGINT or SIGTERM until the returned function is called; a second one ends the process at once. */
  readonly onStopSignal: (listener: () => void) => () => void
}
