import { dashed, serviceFlags } from '../../flags.js'
import { commonFlags, type CommandEntry } from '../command.js'

/** What a shell can complete behind one command. */
export interface CompletionWords {
  readonly name: string
  readonly summary: string
  /** With their dashes; what takes a value ends in `=`. */
  readonly flags: readonly string[]
  /** Its first word is the name of a service. */
  readonly takesService: boolean
  /** Its words are names of files. */
  readonly takesFiles: boolean
  /** What its word may be. */
  readonly choices: readonly string[]
}

/** Every command with its flags. */
export async function completionWords(
  commands: readonly CommandEntry[],
): Promise<readonly CompletionWords[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const { flags, usage, remote } = await load()
      const all = { ...flags, ...commonFlags, ...(remote ? serviceFlags : {}) }
      const written = Object.entries(all).map(
        ([flag, { kind }]) => `${dashed(flag)}${kind === 'switch' ? '' : '='}`,
      )
      return {
        name,
        summary,
        flags: [...written, '--help'],
        takesService: /^\[?NAME/.test(usage) && remote,
        takesFiles: usage.startsWith('FILE'),
        choices: /^[a-z|]+$/.test(usage) ? usage.split('|') : [],
      }
    }),
  )
}
