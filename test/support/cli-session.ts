import { networkInterfaces } from 'node:os'
import { createService } from 'headrace'
import { run } from '../../src/cli/run.js'
import type { Writer } from '../../src/cli/shell.js'

/** How one command line is run. */
export interface Step {
  readonly input?: string
  /** Lines of the output that are left out: what others on this machine have registered. */
  readonly without?: RegExp
}

/** A command line that runs until it is stopped. */
export interface Running {
  /** Resolves when its output contains the text. */
  shows(text: string): Promise<void>
  /** Ends it as Ctrl-C does, or waits for its own end. */
  end(how: 'Ctrl-C' | 'by itself'): Promise<void>
}

/** A terminal session: command lines, run in this process over real adapters, and what they printed, as a text that is the same each time. */
export class Session {
  private text = ''

  /** `id` stands in names of this run alone and is left out of the text. */
  constructor(
    private readonly id: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly cwd = process.cwd(),
  ) {}

  /** The session so far. Ids, ports and times are written as what they are. */
  get transcript(): string {
    return this.text
  }

  /** Runs a command line, as a shell reads it, to its end. */
  async run(line: string, { input, without }: Step = {}): Promise<void> {
    const { ended, output } = this.begin(line, input)
    const code = await ended
    const kept = masked(output(), this.id)
      .split('\n')
      .filter(each => each === '' || without?.test(each) !== true)
    const shown = input === undefined ? '' : ` <<'END'\n${input.trimEnd()}\nEND`
    this.add(`${line}${shown}`, kept.join('\n'), code)
  }

  /** Starts a command line that runs until it is ended. */
  start(line: string): Running {
    const { ended, output, changed, interrupt } = this.begin(line)
    return {
      shows: text =>
        new Promise((resolve, reject) => {
          const look = () => void (output().includes(text) && resolve())
          changed(look)
          const early = (code: number) => `${line} ended with ${code}, without '${text}':\n${output()}`
          void ended.then(code => reject(new Error(early(code))))
          look()
        }),
      end: async how => {
        const before = output().length
        if (how === 'Ctrl-C') interrupt()
        const code = await ended
        const [first, then] = [output().slice(0, before), output().slice(before)]
        this.add(line, masked(how === 'Ctrl-C' ? `${first}^C\n${then}` : output(), this.id), code)
      },
    }
  }

  private add(line: string, output: string, code: number): void {
    const ending = code === 0 ? '' : `(exit code ${code})\n`
    this.text += `${this.text === '' ? '' : '\n'}$ ${masked(line, this.id)}\n${output}${ending}`
  }

  private begin(line: string, input = '') {
    const argv = [...line.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, quoted]) => quoted ?? word).slice(1)
    let text = ''
    const listeners: (() => void)[] = []
    let interrupt: () => void = () => undefined
    const writer: Writer = {
      isTerminal: false,
      columns: 80,
      write: async written => {
        text += written
        for (const listener of listeners) listener()
      },
    }
    const ended = run({
      argv,
      env: this.env,
      cwd: this.cwd,
      lines: { [Symbol.asyncIterator]: () => linesOf(input) },
      stdout: writer,
      stderr: writer,
      networkInterfaces,
      createService: async options => createService(options),
      onStopSignal: listener => {
        interrupt = listener
        return () => undefined
      },
    })
    return {
      ended,
      output: () => text,
      changed: (listener: () => void) => void listeners.push(listener),
      interrupt: () => interrupt(),
    }
  }
}

async function* linesOf(input: string): AsyncGenerator<string> {
  yield* input.trimEnd().split('\n')
}

function masked(text: string, id: string): string {
  const plain = text
    .replaceAll(`-${id}`, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/(127\.0\.0\.1):\d{5}\b/g, '$1:<port>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
    .replace(/[\dhm]+s {2,}[\d.]+ MiB {2,}\d+ {2,}[\d.]+ ms/g, '<uptime>  <memory>  <threads>  <gc>')
    .replace(/,"(uptime|gc)":\d+/g, '') // zero is left out
    .replace(/"(started|memory|threads)":\d+/g, '"$1":<n>')
    .replace(/\(after \d+ ms\)/g, '(after <n> ms)')
  return plain === text ? text : aligned(plain)
}

/** Tables whose cells have changed their widths, in columns again. */
function aligned(text: string): string {
  return text.replace(/^[A-Z]+(?: {2,}[A-Z]+)+\n(?:.+\n)+/gm, table => {
    const rows = table
      .trimEnd()
      .split('\n')
      .map(line => line.split(/ {2,}/))
    const widths = rows[0]?.map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0))) ?? []
    const padded = rows.map(row => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
    return `${padded.map(line => line.trimEnd()).join('\n')}\n`
  })
}
