import type { FileDescription } from '../../adapters/codec/proto-types/description.js'
import { fits, indent, quote } from './layout.js'

/** A description as the members of an object literal. */
export function descriptionLines({ messages = {}, enums = {} }: FileDescription): readonly string[] {
  return [...section('messages', messages), ...section('enums', enums)]
}

function section(name: string, entries: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(entries).length === 0 ? [] : member(name, entries, 1, true)
}

/** `depth` is how far in it will stand. What is `broken` has a line for each of its members, whether it would fit on one or not. */
function member(name: string, value: unknown, depth: number, broken = false): readonly string[] {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : quote(name)
  const [first = '', ...rest] = lines(value, depth, `${key}: `.length, broken)
  return closed([`${key}: ${first}`, ...rest])
}

function lines(value: unknown, depth: number, before: number, broken: boolean): readonly string[] {
  const short = oneLine(value)
  // prettier gives every object of a list a line of its own.
  const isTable = Array.isArray(value) && value.length > 1
  if (!broken && !isTable && fits(' '.repeat(2 * depth + before) + short + ',')) return [short]
  if (Array.isArray(value)) {
    const items = value.flatMap((item: unknown) => closed(lines(item, depth + 1, 0, false)))
    return ['[', ...indent(items), ']']
  }
  if (typeof value !== 'object' || value === null) return [short]
  const members = Object.entries(value).flatMap(([name, each]) => member(name, each, depth + 1))
  return ['{', ...indent(members), '}']
}

function closed(all: readonly string[]): readonly string[] {
  return [...all.slice(0, -1), `${all.at(-1) ?? ''},`]
}

function oneLine(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, each]) => `${name}: ${oneLine(each)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
