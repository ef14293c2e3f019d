import type { FieldDescriptor, FileDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { messagesOf } from './messages-of.js'

/** An extension with its full name. */
export type Extension = readonly [name: string, field: FieldDescriptor]

/** The extensions that a file declares of its own messages, by the names of these. */
export function ownExtensions(file: FileDescriptor): ReadonlyMap<string, readonly Extension[]> {
  const own = new Set(messagesOf(file).map(([full]) => full))
  const found = new Map<string, Extension[]>()
  for (const extension of extensionsIn(file)) {
    const extended = extendedBy(extension)
    if (own.has(extended)) found.set(extended, [...(found.get(extended) ?? []), extension])
  }
  return found
}

/** The extensions that a file declares of messages of other files, which do not know them. */
export function otherExtensions(file: FileDescriptor): readonly Extension[] {
  const own = new Set(messagesOf(file).map(([full]) => full))
  return extensionsIn(file).filter(extension => !own.has(extendedBy(extension)))
}

function extendedBy([, { extendee }]: Extension): string {
  return extendee?.name ?? ''
}

function extensionsIn(file: FileDescriptor): readonly Extension[] {
  const scopes = [[file.package, file] as const, ...messagesOf(file)]
  return scopes.flatMap(([scope, { extensions }]) =>
    extensions.map(field => [inScope(scope, field.name), field] as const),
  )
}
