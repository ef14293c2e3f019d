import type { EnumDescriptor, FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { ownNames } from './names.js'

/** A type of any of the files. */
export interface KnownType {
  readonly file: FileDescriptor
  /** Its name in the file generated for it. */
  readonly name: string
  readonly message?: MessageDescriptor
  readonly enum?: EnumDescriptor
}

/** The types of linked files by their full names. */
export type KnownTypes = ReadonlyMap<string, KnownType>

/** Collects the types of linked files. */
export function knownTypes(files: readonly FileDescriptor[]): KnownTypes {
  const types = new Map<string, KnownType>()
  for (const file of files) {
    const names = ownNames(file)
    const add = (full: string, type: Pick<KnownType, 'message' | 'enum'>) =>
      void types.set(full, { file, name: names.get(full) ?? full, ...type })
    const addAll = (
      scope: string,
      { messages, enums }: Pick<MessageDescriptor, 'messages' | 'enums'>,
    ): void => {
      for (const each of enums) add(inScope(scope, each.name), { enum: each })
      for (const message of messages) {
        const full = inScope(scope, message.name)
        add(full, { message })
        addAll(full, message)
      }
    }
    addAll(file.package, file)
  }
  return types
}
