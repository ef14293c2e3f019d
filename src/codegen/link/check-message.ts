import type { FieldDescriptor, FileDescriptor, MessageDescriptor, NumberRange } from '../descriptor.js'
import { sourceError } from '../source-error.js'
import { inScope } from './symbols.js'

/** Checks the numbers and names of a message's fields. Throws `bad_request` with the place of what is wrong. */
export function checkMessage(path: string, message: MessageDescriptor): void {
  const names = new Map<number, string>()
  for (const { name, number, numberAt, at } of message.fields) {
    const other = names.get(number)
    if (other !== undefined) throw sourceError(path, numberAt, `${name} has the number ${number} of ${other}`)
    names.set(number, name)
    if (message.reservedNames.includes(name)) throw sourceError(path, at, `the name ${name} is reserved`)
    if (isIn(message.reservedRanges, number))
      throw sourceError(path, numberAt, `${name}: the number ${number} is reserved`)
    if (isIn(message.extensionRanges, number))
      throw sourceError(path, numberAt, `${name}: the number ${number} is for extensions`)
    if (isIn([{ start: 19_000, end: 19_999 }], number))
      throw sourceError(path, numberAt, `${name}: the numbers from 19000 to 19999 are protobuf's own`)
  }
}

/** Checks that the extended message allows the number, and that the field may be missing: others do not know of it. */
export function checkExtension(
  path: string,
  { name, at, number, numberAt, label, extendee }: FieldDescriptor,
  messages: ReadonlyMap<string, MessageDescriptor>,
): void {
  if (label === 'required') throw sourceError(path, at, `${name}: an extension cannot be required`)
  const extended = messages.get(extendee?.name ?? '')
  if (extended !== undefined && !isIn(extended.extensionRanges, number))
    throw sourceError(
      path,
      numberAt,
      `${name}: ${extendee?.name ?? ''} has no extension range with the number ${number}`,
    )
}

/** Every message type of the files by its full name. */
export function messagesByName(files: readonly FileDescriptor[]): ReadonlyMap<string, MessageDescriptor> {
  const named = new Map<string, MessageDescriptor>()
  const add = (scope: string, messages: readonly MessageDescriptor[]): void => {
    for (const message of messages) {
      const full = inScope(scope, message.name)
      named.set(full, message)
      add(full, message.messages)
    }
  }
  for (const file of files) add(file.package, file.messages)
  return named
}

function isIn(ranges: readonly NumberRange[], number: number): boolean {
  return ranges.some(({ start, end }) => number >= start && number <= end)
}
