import type { FlagSpec, FlagValues, serviceFlags } from '../flags.js'
import type { Service } from '../service/service-types.js'
import type { Output } from './output.js'
import type { Shell } from './shell.js'

/** Flags that every command has. */
export const commonFlags = {
  json: { kind: 'switch', help: 'Print JSON, one value on a line' },
  debug: { kind: 'switch', help: 'Print the stack of an error, and what the parts of the runtime notice' },
  wait: {
    kind: 'duration',
    env: 'HEADRACE_WAIT',
    help: 'How long to look for a service that is not there yet. Default: 1s',
  },
} as const satisfies Readonly<Record<string, FlagSpec>>

type Flags = Readonly<Record<string, FlagSpec>>

/** What a command is run with. */
export interface CommandContext<F extends Flags> {
  /** The words behind the name of the command. */
  readonly words: readonly string[]
  readonly flags: FlagValues<F & typeof commonFlags & typeof serviceFlags>
  readonly shell: Shell
  /** All commands, for those that are about commands. */
  readonly commands: readonly CommandEntry[]
  readonly out: Output
  /** Writes a line to standard error. */
  readonly note: (text: string) => Promise<void>
  /** Aborted by SIGINT and SIGTERM, for a command that is `endless`. */
  readonly stop: AbortSignal
  /** The service that the command works with, made by the first call and closed when the command is done. */
  readonly service: () => Promise<Service>
  /** Another service, under a name of its own. Closed when the command is done. */
  readonly open: (name: string) => Promise<Service>
}

/** One command of `headrace`. */
export interface Command<F extends Flags = Flags> {
  readonly name: string
  /** What follows its name, as in `NAME ENDPOINT [JSON]`. */
  readonly usage: string
  /** How many words it takes. */
  readonly words: { readonly least: number; readonly most: number }
  /** What it does, in a few lines. */
  readonly description: string
  /** Command lines to learn from, without `headrace`. */
  readonly examples: readonly string[]
  readonly flags: F
  /** It runs until it is stopped: SIGINT is an orderly end. */
  readonly endless?: boolean
  /** It calls, publishes or asks a registry, so the flags of every service apply. */
  readonly remote: boolean
  /** Does it. Resolves with an exit code, or nothing for 0. */
  run(context: CommandContext<F>): Promise<number | undefined>
}

/** A command as the overview shows it; its code is loaded when it is chosen. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** A command whose `run` knows the types of its flags. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  return command
}
