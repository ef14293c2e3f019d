import type { FieldDescriptor, FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { messagesOf } from './registry.js'

/** An extension with its full name. */
export type Extension = readonly [name: string, field: FieldDescriptor]

/** The extensions that a file declares of its own messages, by the names of these: those of others stay unknown to them. */
export function ownExtensions(file: FileDescriptor): ReadonlyMap<string, readonly Extension[]> {
  const found = new Map<string, Extension[]>()
  const own = new Set(messagesOf(file).map(([full]) => full))
  const add = (scope: string, { extensions }: Pick<MessageDescriptor, 'extensions'>): void => {
    for (const field of extensions) {
      const extended = field.extendee?.name ?? ''
      if (own.has(extended))
        found.set(extended, [...(found.get(extended) ?? []), [inScope(scope, field.name), field]])
    }
  }
  add(file.package, file)
  for (const [full, message] of messagesOf(file)) add(full, message)
  return found
}
