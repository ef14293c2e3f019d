import { closest, parseFlags, serviceFlags, unknownFlag, type FlagSpec, type FlagValues } from '../flags.js'
import { ServiceError } from '../streams/errors.js'
import { commonFlags, type Command, type CommandEntry } from './command.js'
import { commands } from './commands.js'

const globalFlags = { ...commonFlags, ...serviceFlags } as const satisfies Readonly<Record<string, FlagSpec>>

/** A command line, taken apart: which command, and the rest. */
export interface ChosenCommand {
  /** Absent: only flags were given. */
  readonly name: string | undefined
  readonly argv: readonly string[]
}

/**
 * Finds the name of the command: the first word that is no flag, nor the value of one. Flags of every command may stand before it. Throws `bad_request` for another
 * flag there.
 */
export function chooseCommand(argv: readonly string[]): ChosenCommand {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (!word.startsWith('-')) return { name: word, argv: [...argv.slice(0, at), ...argv.slice(at + 1)] }
    const [, flag = '', joined] = /^--?([\w.-]+)(=.*)?$/s.exec(word) ?? []
    if (['help', 'h', 'version'].includes(flag)) continue
    const spec = (globalFlags as Readonly<Record<string, FlagSpec>>)[flag]
    if (spec === undefined) throw misplaced(word, flag)
    if (joined === undefined && spec.kind !== 'switch') at += 1
  }
  return { name: undefined, argv }
}

function misplaced(word: string, flag: string): ServiceError {
  if (closest(flag, Object.keys(globalFlags)) !== undefined) return unknownFlag(word, globalFlags)
  return new ServiceError('bad_request', `unknown flag ${word}; flags of one command go behind its name`)
}

/** The command of a name. Throws `bad_request` that says which was meant, or which are known. */
export function findCommand(name: string): CommandEntry {
  const found = commands.find(each => each.name === name)
  if (found !== undefined) return found
  const known = commands.map(each => each.name)
  const meant = closest(name, known)
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`
  throw new ServiceError('bad_request', `unknown command '${name}'; ${hint}`)
}

/** `-Iproto` as `-I proto`: a flag of one letter may have its value behind it, as with other compilers. */
function apart(argv: readonly string[], flags: Command['flags']): readonly string[] {
  return argv.flatMap(word => {
    const [, letter = '', value = ''] = /^-([A-Za-z])([^=].*)$/s.exec(word) ?? []
    return Object.hasOwn(flags, letter) ? [`-${letter}`, value] : [word]
  })
}

/** What the command line and the environment say to a command. */
export interface Invocation {
  readonly words: readonly string[]
  readonly flags: FlagValues<typeof commonFlags & typeof serviceFlags>
  readonly help: boolean
}

/** Reads the rest of the command line. Throws `bad_request` for an unknown flag, a value that does not fit, too few words, too many, and an empty one. */
export function readInvocation(
  command: Command,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const { name, usage, flags, words: wanted, remote } = command
  const known = remote ? { ...flags, ...globalFlags } : { ...flags, ...commonFlags }
  const { values, help, words } = parseFlags<typeof commonFlags>(known, apart(argv, flags), env)
  const wrong = help ? undefined : whatIsWrong(words, wanted)
  if (wrong !== undefined)
    throw new ServiceError('bad_request', `${wrong}; usage: headrace ${name} ${usage}`.trimEnd())
  return { words, flags: values, help }
}

function whatIsWrong(words: readonly string[], { least, most }: Command['words']): string | undefined {
  if (words.length < least) return 'something is missing'
  if (words.length > most) return `'${words.slice(most).join(' ')}' is too much`
  return words.includes('') ? 'an argument is empty' : undefined
}
