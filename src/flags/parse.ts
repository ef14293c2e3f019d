import { ServiceError } from '../streams/errors.js'
import { closest } from './closest.js'
import { parseDuration } from './duration.js'
import type { FlagKind, FlagSpec } from './table.js'

/** What a flag of a kind becomes. */
export type FlagValue<K extends FlagKind> = K extends 'text'
  ? string
  : K extends 'list' | 'texts'
    ? readonly string[]
    : K extends 'pairs'
      ? Readonly<Record<string, string>>
      : K extends 'switch'
        ? boolean
        : number

/** The flags that were given, each as its kind says. Times are in milliseconds. */
export type FlagValues<T extends Readonly<Record<string, FlagSpec>>> = {
  readonly [F in keyof T]?: FlagValue<T[F]['kind']>
}

/** What a command line and an environment say. */
export interface ParsedFlags<T extends Readonly<Record<string, FlagSpec>>> {
  readonly values: FlagValues<T>
  /** `--help` or `-h` was given. */
  readonly help: boolean
  /** The words that are no flags, and all behind `--`, in their order. */
  readonly words: readonly string[]
}

/**
 * Reads flags as Go does (`--name value`, `--name=value`, `-name`; words that are no flag are given back, and so is all behind `--`), and for
 * a flag that is absent its environment variable. Throws `bad_request` for an unknown flag, with what was meant or those that are known, and for a
 * value that does not fit.
 */
export function parseFlags<const T extends Readonly<Record<string, FlagSpec>>>(
  table: T,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags<T> {
  const found = new Map<string, { texts: readonly string[]; origin: string }>()
  for (const [name, { env: variable }] of Object.entries(table)) {
    const text = variable === undefined ? undefined : env[variable]
    if (variable !== undefined && text !== undefined && text !== '')
      found.set(name, { texts: table[name]?.kind === 'pairs' ? text.split(',') : [text], origin: variable })
  }
  const { given, help, words } = readArguments(table, argv)
  for (const [name, texts] of given) found.set(name, { texts, origin: `--${name}` })
  const values: Record<string, unknown> = {}
  for (const [name, { texts, origin }] of found)
    values[name] = readValue(table[name]?.kind ?? 'text', texts, origin)
  return { values: values as FlagValues<T>, help, words }
}

function readArguments(table: Readonly<Record<string, FlagSpec>>, argv: readonly string[]) {
  const given = new Map<string, readonly string[]>()
  const words: string[] = []
  let help = false
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    const [, name, joined] = /^--?([A-Za-z_][\w.-]*)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined && /^-./.test(word)) throw unknownFlag(word, table)
    if (name === undefined) {
      words.push(word)
      continue
    }
    if (name === 'help' || name === 'h') {
      help = true
      continue
    }
    const spec = Object.hasOwn(table, name) ? table[name] : undefined
    if (spec === undefined) throw unknownFlag(word, table)
    const follows = joined === undefined && takesNext(spec.kind, argv[at + 1])
    const text = joined ?? (follows ? argv[at + 1] : spec.kind === 'switch' ? 'true' : undefined)
    if (text === undefined) throw new ServiceError('bad_request', `--${name} needs a value`)
    if (follows) at += 1
    const before = given.get(name) ?? []
    given.set(name, isRepeatable(spec.kind) ? [...before, text] : [text])
  }
  return { given, help, words }
}

function isRepeatable(kind: FlagKind): boolean {
  return kind === 'pairs' || kind === 'texts'
}

function takesNext(kind: FlagKind, next: string | undefined): boolean {
  if (next === undefined) return false
  return kind !== 'switch' && next !== '--'
}

/** The error for a flag that is not in the table: what was meant, or else what there is. */
export function unknownFlag(word: string, table: Readonly<Record<string, FlagSpec>>): ServiceError {
  const meant = closest(word.replace(/^--?/, '').replace(/=.*$/s, ''), [...Object.keys(table), 'help'])
  const known = [...Object.keys(table), 'help'].map(dashed).join(', ')
  const hint = meant === undefined ? `known are ${known}` : `did you mean ${dashed(meant)}?`
  return new ServiceError('bad_request', `unknown flag ${word}; ${hint}`)
}

/** `-I`, `--out`: a flag as it is written. */
export function dashed(name: string): string {
  return `${name.length === 1 ? '-' : '--'}${name}`
}

function readValue(kind: FlagKind, texts: readonly string[], origin: string): unknown {
  const text = texts.join(',')
  switch (kind) {
    case 'text':
      return text
    case 'list':
      return text.split(',').filter(part => part !== '')
    case 'texts':
      return texts
    case 'pairs':
      return pairs(texts)
    case 'switch':
      return oneOf(text, origin)
    case 'count':
      if (!/^\d{1,15}$/.test(text)) throw unfit(origin, text, 'a whole number')
      return Number(text)
    case 'duration':
    case 'seconds':
      return duration(kind, text, origin)
  }
}

function duration(kind: FlagKind, text: string, origin: string): number {
  const ms = parseDuration(text, kind === 'seconds' ? 's' : undefined)
  if (ms === undefined || !Number.isFinite(ms))
    throw unfit(origin, text, 'a duration such as 500ms, 5s or 1m30s')
  return ms
}

/** The words that Go reads as true or false. */
function oneOf(text: string, origin: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false
  throw unfit(origin, text, 'true or false')
}

/** `k=v`; `k` alone has an empty value, later `=` stay in the value (PROTOCOL section 12). Only the environment splits at commas. */
function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  const entries = texts
    .filter(part => part !== '')
    .map(part => {
      const at = part.indexOf('=')
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
    })
  return Object.fromEntries(entries) as Record<string, string>
}

function unfit(origin: string, text: string, wanted: string): ServiceError {
  return new ServiceError('bad_request', `${origin} must be ${wanted}, not '${text}'`)
}
