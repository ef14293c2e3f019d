import protobuf, { type Enum, type Field, type ReflectionObject, type Root } from 'protobufjs'
import type { EnumDescription, FieldDescription, FileDescription } from './description.js'
import { fieldName, jsonName } from './field-names.js'

/** What protobufjs knows of a field or an enum beyond its declarations. */
interface Features {
  readonly _features: { readonly enum_type: string; readonly utf8_validation: string }
}

/** The messages and enums of a root, all names of which have been resolved. */
export function describeRoot(root: Root): FileDescription {
  const messages: Record<string, readonly FieldDescription[]> = {}
  const enums: Record<string, EnumDescription> = {}
  const visit = (object: ReflectionObject): void => {
    if (object instanceof protobuf.Type) messages[fullName(object)] = object.fieldsArray.map(describeField)
    if (object instanceof protobuf.Enum) enums[fullName(object)] = describeEnum(object)
    if (object instanceof protobuf.Namespace) object.nestedArray.forEach(visit)
  }
  visit(root)
  return { messages, enums }
}

/** The full name of a type, without the dot in front. */
export function fullName({ fullName: name }: ReflectionObject): string {
  return name.replace(/^\./, '')
}

function describeEnum(type: Enum): EnumDescription {
  const { _features } = type as unknown as Features
  return { values: type.values, ...(_features.enum_type === 'CLOSED' ? { closed: true } : {}) }
}

function describeField(declared: Field): FieldDescription {
  const field = declared.resolve()
  const { name, protoName, id, resolvedType, partOf } = field
  const isMessage = resolvedType instanceof protobuf.Type
  const isSingle = !field.repeated && !field.map && !field.required
  const oneof = partOf !== null && !partOf.isProto3Optional ? partOf.name : undefined
  const keyType = field instanceof protobuf.MapField ? field.keyType : undefined
  const { utf8_validation: validation } = (field as unknown as Features)._features
  return {
    name: protoName,
    number: id,
    type: resolvedType === null ? field.type : fullName(resolvedType),
    ...(name === fieldName(protoName) ? {} : { property: name }),
    ...(field.jsonName === jsonName(protoName) ? {} : { json: field.jsonName }),
    ...(keyType === undefined ? {} : { key: keyType }),
    ...(oneof === undefined ? {} : { oneof }),
    ...flags({
      required: field.required,
      optional: isSingle && !isMessage && field.hasPresence && oneof === undefined,
      repeated: field.repeated,
      packed: field.repeated && field.packed && isNumber(field),
      group: isMessage && !field.map && field.delimited,
      lenient: (field.type === 'string' || keyType === 'string') && validation !== 'VERIFY',
    }),
  }
}

function isNumber({ type, resolvedType }: Field): boolean {
  return (
    resolvedType instanceof protobuf.Enum || !(resolvedType !== null || type === 'string' || type === 'bytes')
  )
}

/** What is true of a field. */
function flags<K extends string>(all: Readonly<Record<K, boolean>>): { readonly [P in K]?: true } {
  const set = Object.entries<boolean>(all).filter(([, is]) => is)
  return Object.fromEntries(set) as { readonly [P in K]?: true }
}
