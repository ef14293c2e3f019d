import protobuf, { type Field, type OneOf, type ReflectionObject, type Type } from 'protobufjs'
import type { ValueRecord } from '../../../streams/index.js'

/** The names that Go gives to the scalar types. */
const goTypes: Readonly<Record<string, string>> = {
  ...{ double: 'float64', float: 'float32', bool: 'bool', string: 'string' },
  ...{ int32: 'int32', sint32: 'int32', sfixed32: 'int32', uint32: 'uint32', fixed32: 'uint32' },
  ...{ int64: 'int64', sint64: 'int64', sfixed64: 'int64', uint64: 'uint64', fixed64: 'uint64' },
}

/** Root, fields, and fields of fields. */
const levels = 3

/**
 * A message type as a registry shows it: what go-micro's extraction makes of the struct that protoc-gen-go writes for
 * it (PROTOCOL section 8).
 */
export function goRecord(type: Type): ValueRecord {
  return messageRecord(goName(type), type, 0)
}

function messageRecord(name: string, type: Type, level: number): ValueRecord {
  const values = level + 1 < levels ? members(type).map(member => memberRecord(member, level + 1)) : []
  return { name, type: goName(type), values }
}

/** The struct's fields: a oneof is one field, in the place of its first member. */
function members(type: Type): readonly (Field | OneOf)[] {
  const all = type.fieldsArray.map(field => {
    const { partOf } = field
    return partOf === null || partOf.isProto3Optional ? field : partOf
  })
  return [...new Set(all)]
}

function memberRecord(member: Field | OneOf, level: number): ValueRecord {
  if (member instanceof protobuf.OneOf) return oneofRecord(member)
  if (member instanceof protobuf.MapField) return { name: member.protoName, type: '', values: [] }
  if (!member.repeated) return itemRecord(member.protoName, member, level)
  const item = itemRecord(undefined, member, level + 1)
  return sliceRecord(member.protoName, item, level)
}

/** Go has an interface for it, without a name in JSON: then the type's name is shown. */
function oneofRecord(oneof: OneOf): ValueRecord {
  const name = `is${oneof.parent === null ? '' : goName(oneof.parent)}_${goCase(oneof.name)}`
  return { name, type: name, values: [] }
}

/** One value of a field's type. Without a name it is shown under its type's. */
function itemRecord(name: string | undefined, field: Field, level: number): ValueRecord {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type)
    return messageRecord(name ?? goName(resolvedType), resolvedType, level)
  if (resolvedType !== null) return leaf(name, goName(resolvedType))
  if (field.type === 'bytes') return sliceRecord(name ?? '', leaf(undefined, 'uint8'), level)
  return leaf(name, goTypes[field.type] ?? field.type)
}

function sliceRecord(name: string, item: ValueRecord, level: number): ValueRecord {
  return { name, type: `[]${item.name}`, values: level + 1 < levels ? [item] : [] }
}

function leaf(name: string | undefined, type: string): ValueRecord {
  return { name: name ?? type, type, values: [] }
}

/** The name of the Go type: without the package, nested names joined by `_`. */
function goName(object: ReflectionObject): string {
  const { parent } = object
  const own = goCase(object.name)
  return parent instanceof protobuf.Type ? `${goName(parent)}_${own}` : own
}

/** A `.proto` name as an exported name of Go: `some_name` becomes `SomeName`. */
function goCase(name: string): string {
  return name.replace(/(^|_)([a-z])/g, (_, _underscore: string, letter: string) => letter.toUpperCase())
}
