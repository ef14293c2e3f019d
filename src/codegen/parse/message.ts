import type {
  EnumDescriptor,
  FieldDescriptor,
  MessageDescriptor,
  NumberRange,
  OneofDescriptor,
  Position,
} from '../descriptor.js'
import { readEnum } from './enum.js'
import { largestFieldNumber, readField, type FieldPlace } from './field.js'
import { isTrue, optionStatement, optionalOptions, type OptionValue } from './options.js'
import { readRanges, readReserved } from './ranges.js'
import type { SourceReader } from './source-reader.js'

type Syntax = FieldPlace['syntax']

/** What has been read of a message so far. */
interface Draft {
  readonly fields: FieldDescriptor[]
  readonly oneofs: OneofDescriptor[]
  readonly messages: MessageDescriptor[]
  readonly enums: EnumDescriptor[]
  readonly extensions: FieldDescriptor[]
  readonly extensionRanges: NumberRange[]
  readonly reservedRanges: NumberRange[]
  readonly reservedNames: string[]
  readonly options: Map<string, OptionValue>
}

/** Reads `message Name { … }`. */
export function readMessage(reader: SourceReader, syntax: Syntax): MessageDescriptor {
  reader.take('message')
  const { text, at } = reader.takeWord('the name of a message')
  return messageBody(reader, text, at, syntax)
}

/** Reads `{ … }` of a message or a group. */
function messageBody(reader: SourceReader, name: string, at: Position, syntax: Syntax): MessageDescriptor {
  const doc = reader.endDeclaration('{')
  const draft: Draft = {
    ...{ fields: [], oneofs: [], messages: [], enums: [], extensions: [] },
    ...{ extensionRanges: [], reservedRanges: [], reservedNames: [], options: new Map() },
  }
  reader.nested(() => {
    while (!reader.sees('}')) readStatement(reader, draft, syntax)
  })
  reader.endDeclaration('}')
  const { options, ...parts } = draft
  return { name, at, doc, deprecated: isTrue(options, 'deprecated'), ...parts }
}

function readStatement(reader: SourceReader, draft: Draft, syntax: Syntax): void {
  if (reader.sees(';')) reader.endDeclaration(';')
  else if (reader.sees('message')) draft.messages.push(readMessage(reader, syntax))
  else if (reader.sees('enum')) draft.enums.push(readEnum(reader, syntax))
  else if (reader.sees('oneof')) readOneof(reader, draft, syntax)
  else if (reader.sees('option')) optionStatement(reader, draft.options)
  else if (reader.sees('extend')) readExtend(reader, syntax, draft)
  else if (reader.sees('reserved')) readReserved(reader, draft, largestFieldNumber, 1)
  else if (reader.sees('extensions')) {
    if (syntax === 'proto3') throw reader.error('proto3 has no extension ranges')
    reader.next()
    draft.extensionRanges.push(...readRanges(reader, largestFieldNumber, 1))
    optionalOptions(reader)
    reader.endDeclaration(';')
  } else addField(reader, draft, { syntax })
}

function addField(
  reader: SourceReader,
  { fields, messages }: Pick<Draft, 'fields' | 'messages'>,
  place: FieldPlace,
): void {
  const { field, group } = readField(reader, place)
  fields.push(field)
  if (group !== undefined) messages.push(messageBody(reader, group.name, group.at, place.syntax))
}

function readOneof(reader: SourceReader, draft: Draft, syntax: Syntax): void {
  reader.take('oneof')
  const { text: name, at } = reader.takeWord('the name of a oneof')
  const doc = reader.endDeclaration('{')
  const options = new Map<string, OptionValue>()
  draft.oneofs.push({ name, at, doc, deprecated: false })
  const before = draft.fields.length
  while (!reader.sees('}')) {
    if (reader.sees('option')) optionStatement(reader, options)
    else addField(reader, draft, { syntax, oneof: name })
  }
  if (draft.fields.length === before) throw reader.error(`oneof ${name} has no fields`, at)
  reader.endDeclaration('}')
}

/** Reads `extend Name { … }` into the extensions, and into the messages what its groups declare. */
export function readExtend(
  reader: SourceReader,
  syntax: Syntax,
  draft: { readonly extensions: FieldDescriptor[]; readonly messages: MessageDescriptor[] },
): void {
  reader.take('extend')
  const extendee = reader.takeDottedName('the name of a message')
  reader.endDeclaration('{')
  const into = { fields: draft.extensions, messages: draft.messages }
  do addField(reader, into, { syntax, extendee })
  while (!reader.sees('}'))
  reader.endDeclaration('}')
}
