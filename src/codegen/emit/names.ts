import { fieldName } from '../../adapters/codec/proto-types/field-names.js'
import type { FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { otherExtensions } from './extensions.js'
import { inScope } from '../link/symbols.js'

/** Words that no declaration can have as its name, and names that a generated file uses for something else. */
const taken: ReadonlySet<string> = new Set(
  [
    'await break case catch class const continue debugger default delete do else enum export extends false finally',
    'for function if implements import in instanceof interface let new null package private protected public return',
    'static super switch this throw true try typeof var void while with yield arguments eval',
    'any bigint boolean never number object string symbol undefined unknown Record Uint8Array OneOf',
    'defineService rpc protoFile wellKnownTypes proto required',
  ].flatMap(words => words.split(' ')),
)

/** The name of a method in TypeScript: lowerCamelCase. */
export function methodName(name: string): string {
  return fieldName(`${name.charAt(0).toLowerCase()}${name.slice(1)}`)
}

/** The names that the declarations of a file get in TypeScript, by full name: types in others are joined to them with `_`. */
export function ownNames(file: FileDescriptor): ReadonlyMap<string, string> {
  const { package: scope, messages, enums, services } = file
  const names = new Map<string, string>()
  const used = new Set(taken)
  const add = (full: string, wanted: string): string => {
    let name = wanted
    while (used.has(name)) name += '_'
    used.add(name)
    names.set(full, name)
    return name
  }
  const addNested = (outer: string, prefix: string, message: MessageDescriptor): void => {
    for (const { name } of message.enums) add(inScope(outer, name), `${prefix}_${name}`)
    for (const inner of message.messages) {
      const full = inScope(outer, inner.name)
      addNested(full, add(full, `${prefix}_${inner.name}`), inner)
    }
  }
  // What stands at the top keeps its name, whatever is nested.
  for (const { name } of [...messages, ...enums, ...services]) add(inScope(scope, name), name)
  for (const message of messages) {
    const full = inScope(scope, message.name)
    addNested(full, names.get(full) ?? message.name, message)
  }
  for (const [full, { name }] of otherExtensions(file)) {
    const outer = names.get(full.slice(0, -name.length - 1))
    add(full, outer === undefined ? fieldName(name) : `${outer}_${fieldName(name)}`)
  }
  return names
}

/** The name by which something of another file is imported: its own, unless that is taken here. */
export function importedName(full: string, own: string, used: ReadonlySet<string>): string {
  if (!used.has(own)) return own
  let name = full.replaceAll('.', '_')
  while (used.has(name)) name += '_'
  return name
}
