import type { Shell, Writer } from '../../src/cli/shell.js'
import { run } from '../../src/cli/run.js'
import { createService, type Service, type ServiceOptions } from 'headrace'
import { createExampleNetwork } from './example-network.js'

/** What a command line did. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How a command line is run. */
export interface CliOptions {
  readonly env?: Shell['env']
  readonly lines?: AsyncIterable<string> | Iterable<string>
  readonly cwd?: string
  /** Standard output is a terminal of this width. */
  readonly columns?: number
  readonly interfaces?: ReturnType<Shell['networkInterfaces']>
  /** Sees each text that is written to standard output; one that throws has stopped reading. */
  readonly onOutput?: (text: string, interrupt: () => void) => void
}

/** Services and command lines on one memory network. */
export interface CliNetwork {
  /** A service of the network, to be started and closed by the test. */
  service(name: string, options?: Partial<ServiceOptions>): Service
  headrace(argv: readonly string[], options?: CliOptions): Promise<Outcome>
}

/** A network for one test. */
export function createCliNetwork(): CliNetwork {
  const options = createExampleNetwork()
  return {
    service: (name, own = {}) => createService({ ...options(), ...own, name }),
    headrace: async (argv, { env = {}, lines = [], cwd = '/', columns, onOutput, interfaces = {} } = {}) => {
      const written = { stdout: '', stderr: '' }
      let interrupt: () => void = () => undefined
      const writer = (to: keyof typeof written): Writer => ({
        isTerminal: columns !== undefined,
        columns: columns ?? 80,
        write: async text => {
          written[to] += text
          if (to === 'stdout') onOutput?.(text, interrupt)
        },
      })
      const code = await run({
        argv,
        env,
        cwd,
        lines: { [Symbol.asyncIterator]: () => iterate(lines) },
        stdout: writer('stdout'),
        stderr: writer('stderr'),
        networkInterfaces: () => interfaces,
        createService: async asked => createService({ ...options(), ...asked }),
        onStopSignal: listener => {
          interrupt = listener
          return () => (interrupt = () => undefined)
        },
      })
      return { code, ...written }
    },
  }
}

async function* iterate(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  yield* lines
}
