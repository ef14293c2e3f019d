import type {
  EnumDescription,
  FieldDescription,
  FileDescription,
} from '../../adapters/codec/proto-types/description.js'
import type { EnumDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { otherExtensions, ownExtensions } from './extensions.js'
import { messagesOf } from './messages-of.js'

type Syntax = FileDescriptor['syntax']

/** What a generated file keeps of a linked file for its run time: messages and enums, without what only readers and other tools need. */
export function describeFile(file: FileDescriptor): FileDescription {
  const { syntax } = file
  const extensions = ownExtensions(file)
  const messages = messagesOf(file).map(([full, message]) => {
    const own = message.fields.map(field => fieldOf(field.name, field, message, syntax))
    const added = (extensions.get(full) ?? []).map(([name, field]) =>
      fieldOf(`.${name}`, field, undefined, syntax),
    )
    return [full, [...own, ...added]] as const
  })
  // Of a message that does not know it an extension is a message of its own, with one field.
  const others = otherExtensions(file).map(
    ([full, field]) => [full, [fieldOf('value', field, undefined, syntax)]] as const,
  )
  const enums = [
    ...enumsIn(file.package, file, syntax),
    ...messagesOf(file).flatMap(([full, message]) => enumsIn(full, message, syntax)),
  ]
  return {
    ...(messages.length + others.length === 0
      ? {}
      : { messages: Object.fromEntries([...messages, ...others]) }),
    ...(enums.length === 0 ? {} : { enums: Object.fromEntries(enums) }),
  }
}

function enumsIn(
  scope: string,
  { enums }: Pick<MessageDescriptor, 'enums'>,
  syntax: Syntax,
): readonly (readonly [string, EnumDescription])[] {
  return enums.map(each => [inScope(scope, each.name), enumOf(each, syntax)])
}

function enumOf({ values }: EnumDescriptor, syntax: Syntax): EnumDescription {
  const numbers = Object.fromEntries(values.map(({ name, number }) => [name, number]))
  return { values: numbers, ...(syntax === 'proto2' ? { closed: true } : {}) }
}

/** `message` is the one that has the field; an extension has none. */
function fieldOf(
  name: string,
  field: FieldDescriptor,
  message: MessageDescriptor | undefined,
  syntax: Syntax,
): FieldDescription {
  const { type, mapKey, jsonName, label } = field
  const oneof = message?.oneofs.find(each => each.name === field.oneof)?.name
  const isRepeated = label === 'repeated' && mapKey === undefined
  return {
    name,
    number: field.number,
    type: type.kind === 'scalar' ? type.scalar : type.name,
    ...(jsonName === undefined ? {} : { json: jsonName }),
    ...(mapKey === undefined ? {} : { key: mapKey }),
    ...(oneof === undefined ? {} : { oneof }),
    ...(label === 'required' ? { required: true } : {}),
    ...(label === 'optional' && oneof === undefined && tellsAbsence(field) ? { optional: true } : {}),
    ...(isRepeated ? { repeated: true } : {}),
    ...(isRepeated && isPacked(field, syntax) ? { packed: true } : {}),
    ...(type.kind === 'group' ? { group: true } : {}),
    ...(syntax === 'proto2' && isText(field) ? { lenient: true } : {}),
  }
}

/** Of a message it can always be told. */
function tellsAbsence({ type, hasPresence }: FieldDescriptor): boolean {
  return hasPresence && (type.kind === 'scalar' || type.kind === 'enum')
}

function isPacked({ type, packed }: FieldDescriptor, syntax: Syntax): boolean {
  const isNumber =
    type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes')
  return isNumber && (packed ?? syntax === 'proto3')
}

function isText({ type, mapKey }: FieldDescriptor): boolean {
  return mapKey === 'string' || (type.kind === 'scalar' && type.scalar === 'string')
}
