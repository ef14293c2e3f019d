import {
  scalarTypes,
  type FieldDescriptor,
  type Position,
  type ScalarType,
  type TypeName,
  type ValueType,
} from '../descriptor.js'
import { jsonName as defaultJsonName } from '../../adapters/codec/proto-types/field-names.js'
import { isTrue, optionalOptions, type Options } from './options.js'
import type { SourceReader } from './source-reader.js'
import { escapeBytes } from './string-literal.js'

/** The largest number that a field may have. */
export const largestFieldNumber = 2 ** 29 - 1

/** Where a field stands. */
export interface FieldPlace {
  readonly syntax: 'proto2' | 'proto3'
  /** The oneof that it is a member of. */
  readonly oneof?: string
  readonly extendee?: TypeName
}

/** A field, and the name of the message type that a group declares beside it: its body comes next. */
export interface ParsedField {
  readonly field: FieldDescriptor
  readonly group?: { readonly name: string; readonly at: Position }
}

const mapKeys: ReadonlySet<string> = new Set(
  [...scalarTypes].filter(type => !['double', 'float', 'bytes'].includes(type)),
)

/** Reads one field. */
export function readField(reader: SourceReader, place: FieldPlace): ParsedField {
  const { at } = reader
  const label = readLabel(reader, place)
  const hasPresence = place.syntax === 'proto2' || label === 'optional' || place.oneof !== undefined
  const start = { at, label: label ?? 'optional', hasPresence } as const
  if (reader.sees('group')) return readGroup(reader, place, start)
  const { type, mapKey } = readType(reader, place, label)
  const name = reader.takeWord('the name of a field')
  reader.take('=')
  const { number, numberAt } = readNumber(reader)
  const options = optionalOptions(reader)
  const doc = reader.endDeclaration(';')
  const field: FieldDescriptor = {
    ...start,
    ...(mapKey === undefined ? {} : { mapKey, label: 'repeated' }),
    ...placeOf(place),
    ...{ name: name.text, at: name.at, number, numberAt, type, doc },
    ...optionsOf(options, type),
    ...jsonNameOf(options, name.text, place),
  }
  return { field }
}

function readLabel(
  reader: SourceReader,
  { syntax, oneof, extendee }: FieldPlace,
): FieldDescriptor['label'] | undefined {
  const { at, current } = reader
  const found = (['optional', 'required', 'repeated'] as const).find(label => reader.sees(label))
  if (oneof !== undefined) {
    if (found !== undefined) throw reader.error('a field of a oneof has no label', at)
    return undefined
  }
  if (found === 'required' && syntax === 'proto3') throw reader.error('proto3 has no required fields', at)
  if (found !== undefined) reader.next()
  else if (syntax === 'proto2' && current.text !== 'map')
    throw reader.unexpected(
      `${extendee === undefined ? 'a field with ' : ''}"optional", "required" or "repeated"`,
    )
  return found
}

function readType(
  reader: SourceReader,
  { oneof, extendee }: FieldPlace,
  label: string | undefined,
): { readonly type: ValueType; readonly mapKey?: ScalarType } {
  const { name, at } = reader.takeDottedName('the type of a field')
  if (name !== 'map' || !reader.takes('<')) return { type: typeOf(name, at) }
  if (label !== undefined || oneof !== undefined || extendee !== undefined)
    throw reader.error('a map has no label and is no member of a oneof and no extension', at)
  const key = reader.takeWord('the type of the keys')
  if (!mapKeys.has(key.text)) throw reader.error(`${key.text} is no type for the keys of a map`, key.at)
  reader.take(',')
  const value = reader.takeDottedName('the type of the values')
  reader.take('>')
  return { type: typeOf(value.name, value.at), mapKey: key.text as ScalarType }
}

function typeOf(name: string, at: NonNullable<TypeName['at']>): ValueType {
  return scalarTypes.has(name) ? { kind: 'scalar', scalar: name as ScalarType } : { kind: 'named', name, at }
}

function readNumber(reader: SourceReader) {
  const numberAt = reader.at
  return { number: reader.takeInteger('the number of a field', largestFieldNumber, 1), numberAt }
}

/** A group is a message type and a field of it in one; the field's name is the type's in small letters. It is read up to the type's body. */
function readGroup(
  reader: SourceReader,
  place: FieldPlace,
  start: Pick<FieldDescriptor, 'label' | 'hasPresence'>,
): ParsedField {
  if (place.syntax === 'proto3') throw reader.error('proto3 has no groups')
  reader.take('group')
  const { text: name, at } = reader.takeWord('the name of a group')
  if (!/^[A-Z]/.test(name))
    throw reader.error(`${name}: the name of a group begins with a capital letter`, at)
  reader.take('=')
  const { number, numberAt } = readNumber(reader)
  const options = optionalOptions(reader)
  const type: ValueType = { kind: 'group', name, at }
  const field: FieldDescriptor = {
    ...start,
    ...placeOf(place),
    ...{ name: name.toLowerCase(), at, number, numberAt, type, doc: '' },
    ...optionsOf(options, type),
  }
  return { field, group: { name, at } }
}

function placeOf({ oneof, extendee }: FieldPlace) {
  return { ...(oneof === undefined ? {} : { oneof }), ...(extendee === undefined ? {} : { extendee }) }
}

function optionsOf(options: Options, type: ValueType) {
  const packed = options.get('packed')
  const value = options.get('default')
  return {
    deprecated: isTrue(options, 'deprecated'),
    ...(packed === undefined ? {} : { packed: isTrue(options, 'packed') }),
    ...(value === undefined || value.kind === 'aggregate' ? {} : { default: defaultText(value, type) }),
  }
}

/** A name of its own in JSON; extensions have none. */
function jsonNameOf(
  options: Options,
  name: string,
  { extendee }: FieldPlace,
): Pick<FieldDescriptor, 'jsonName'> {
  const value = options.get('json_name')
  if (value?.kind !== 'text' || extendee !== undefined) return {}
  const jsonName = new TextDecoder().decode(value.bytes)
  return jsonName === defaultJsonName(name) ? {} : { jsonName }
}

function defaultText(
  value: Exclude<ReturnType<Options['get']>, undefined | { kind: 'aggregate' }>,
  type: ValueType,
): string {
  if (value.kind !== 'text') return value.text
  const isBytes = type.kind === 'scalar' && type.scalar === 'bytes'
  return isBytes ? escapeBytes(value.bytes) : new TextDecoder().decode(value.bytes)
}
