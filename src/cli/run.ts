import { ServiceError } from '../streams/errors.js'
import type { Service } from '../service/service-types.js'
import { chooseCommand, findCommand, readInvocation, type Invocation } from './command-line.js'
import { commonFlags, type Command } from './command.js'
import { commands } from './commands.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { commandHelp, overview } from './help.js'
import { createOutput, printable } from './output.js'
import type { Shell } from './shell.js'
import { headraceVersion } from './version.js'

/** Runs one command line. Resolves with the exit code; what failed has been told on standard error, in one line. */
export async function run(shell: Shell): Promise<number> {
  try {
    return await dispatch(shell)
  } catch (failure) {
    // The reader has gone, as in `headrace list | head -1`: there is nobody to tell.
    if (isBrokenPipe(failure)) return exitCodes.done
    return tell(shell, failure)
  }
}

async function dispatch(shell: Shell): Promise<number> {
  const { name, argv } = chooseCommand(shell.argv)
  if (name === undefined && argv.includes('--version')) return print(shell, `${headraceVersion()}\n`)
  if (name === 'help' || name === undefined) return help(shell, name === undefined ? [] : argv)
  const command = await findCommand(name).load()
  const invocation = readInvocation(command, argv, shell.env)
  if (invocation.help) return print(shell, commandHelp(command))
  return execute(shell, command, invocation)
}

/** `headrace help NAME` is `headrace NAME --help`; nothing at all is a mistake that the overview helps with. */
async function help(shell: Shell, argv: readonly string[]): Promise<number> {
  const name = argv.find(word => !word.startsWith('-'))
  if (name !== undefined) return print(shell, commandHelp(await findCommand(name).load()))
  if (shell.argv.length > 0) return print(shell, overview())
  await shell.stderr.write(overview())
  return exitCodes.usage
}

async function print(shell: Shell, text: string): Promise<number> {
  await shell.stdout.write(text)
  return exitCodes.done
}

async function execute(shell: Shell, command: Command, { words, flags }: Invocation): Promise<number> {
  const opened: Promise<Service>[] = []
  const stop = new AbortController()
  const release = command.endless === true ? shell.onStopSignal(() => stop.abort()) : () => undefined
  const note = (text: string) => shell.stderr.write(`headrace: ${printable(text)}\n`)
  const open = (name?: string) => {
    const service = openService(shell, command, name, flags.debug === true ? note : undefined)
    opened.push(service)
    return service
  }
  let own: Promise<Service> | undefined
  try {
    const code = await command.run({
      words,
      flags,
      shell,
      commands,
      out: createOutput(shell.stdout, shell.env),
      note,
      stop: stop.signal,
      service: () => (own ??= open()),
      open,
    })
    return code ?? exitCodes.done
  } finally {
    release()
    await Promise.all(opened.map(close))
  }
}

/** A service that could not be made has been told as the failure of the command. */
async function close(opening: Promise<Service>): Promise<void> {
  const service = await opening.catch(() => undefined)
  await service?.close({ timeoutMs: 1_000, lingerMs: 0 })
}

/** A service behind a command, with the flags of the command line. With a name it is called that, whatever flags say. */
async function openService(
  { argv, env, clock, createService }: Shell,
  { flags }: Command,
  name: string | undefined,
  note: ((text: string) => Promise<void>) | undefined,
): Promise<Service> {
  const service = await createService({
    name: 'headrace.cli',
    flags: { ...flags, ...commonFlags },
    // The last flag counts; behind `--` there are none.
    argv:
      name === undefined
        ? argv
        : [`--server_name=${name}`, ...argv.filter(word => !/^--?server_(name|id)/.test(word))],
    env,
    ...(clock === undefined ? {} : { clock }),
    json: { bigints: true },
    log: false,
  })
  if (note !== undefined) {
    const tellEvent = (text: string) => void note(text).catch(() => undefined) // nobody reads it any more
    service.events.subscribe({
      next: ({ level, text }) => tellEvent(`${level}: ${text}`),
      error: (failure: unknown) => tellEvent(String(failure)),
    })
  }
  return service
}

async function tell(shell: Shell, failure: unknown): Promise<number> {
  const error = ServiceError.from(failure)
  const asked = (flag: string) => shell.argv.includes(`--${flag}`)
  const line = asked('json')
    ? JSON.stringify({ error: { kind: error.kind, ...error.toJSON() } })
    : `headrace: ${printable(error.detail.replace(/\s*\n\s*/g, ' '))}`
  try {
    await shell.stderr.write(`${line}\n`)
    if (asked('debug')) await shell.stderr.write(`${stackOf(error)}\n`)
  } catch (broken) {
    if (!isBrokenPipe(broken)) throw broken
  }
  return exitCodeOf(error.kind)
}

function stackOf(error: Error): string {
  const { stack = String(error), cause } = error
  return cause instanceof Error ? `${stack}\nCaused by: ${stackOf(cause)}` : stack
}

/** Somewhere in the chain: a failure may come wrapped. */
function isBrokenPipe(failure: unknown): boolean {
  for (let each = failure; each instanceof Error; each = each.cause) {
    if ('code' in each && (each.code === 'EPIPE' || each.code === 'ERR_STREAM_DESTROYED')) return true
  }
  return false
}
