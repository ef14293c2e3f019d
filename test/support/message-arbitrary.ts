import fc from 'fast-check'
import type {
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ScalarType,
} from '../../src/codegen/descriptor.js'
import { fieldName } from '../../src/adapters/codec/proto-types/field-names.js'
import { knownTypes, type KnownTypes } from '../../src/codegen/emit/registry.js'
import { inScope } from '../../src/codegen/link/symbols.js'

type Plain = Record<string, unknown>

const int32 = fc.integer()
const uint32 = fc.nat(2 ** 32 - 1)
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const double = fc.double({ noNaN: true })
const float = fc.float({ noNaN: true })
const text = fc.string({ unit: 'grapheme', maxLength: 8 })

const scalars: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  ...{ double, float, bool: fc.boolean(), string: text, bytes: fc.uint8Array({ maxLength: 8 }) },
  ...{ int32, sint32: int32, sfixed32: int32, uint32, fixed32: uint32 },
  ...{ int64, sint64: int64, sfixed64: int64, uint64, fixed64: uint64 },
}

/** Any message of a type, as a generated file describes it: some fields are left out. Messages nest at most `depth` levels further. */
export function messageArbitrary(
  files: readonly FileDescriptor[],
  name: string,
  depth = 2,
): fc.Arbitrary<Plain> {
  return ofType(knownTypes(files), extensionsOf(files), name, depth)
}

type Extensions = ReadonlyMap<string, readonly (readonly [string, FieldDescriptor])[]>

function ofType(types: KnownTypes, extensions: Extensions, name: string, depth: number): fc.Arbitrary<Plain> {
  const message = types.get(name)?.message
  if (message === undefined) throw new Error(`no message ${name}`)
  const fields = [
    ...message.fields.map(field => [fieldName(field.name), field] as const),
    ...(extensions.get(name) ?? []).map(([full, field]) => [`.${full}`, field] as const),
  ].filter(([, { type }]) => depth > 0 || type.kind === 'scalar' || type.kind === 'enum')
  const model = Object.fromEntries(
    fields.map(([key, field]) => [key, ofField(types, extensions, field, depth)]),
  )
  const requiredKeys = fields.filter(([, { label }]) => label === 'required').map(([key]) => key)
  return fc.record(model, { requiredKeys }).map(value => oneOfEach(message, value))
}

function ofField(
  types: KnownTypes,
  extensions: Extensions,
  field: FieldDescriptor,
  depth: number,
): fc.Arbitrary<unknown> {
  const { type, mapKey, label } = field
  const known = type.kind === 'scalar' ? undefined : types.get(type.name)
  const item =
    type.kind === 'scalar'
      ? scalars[type.scalar]
      : known?.enum === undefined
        ? ofType(types, extensions, type.name, depth - 1)
        : fc.constantFrom(...known.enum.values.map(({ number }) => number))
  if (mapKey === undefined) return label === 'repeated' ? fc.array(item, { maxLength: 2 }) : item
  const key = mapKey === 'bool' ? fc.constantFrom('true', 'false') : scalars[mapKey].map(String)
  return fc.dictionary(key, item, { maxKeys: 2, noNullPrototype: true })
}

/** Of the members of a oneof only the first that is set stays. */
function oneOfEach(message: MessageDescriptor, value: Plain): Plain {
  const kept = { ...value }
  for (const { name } of message.oneofs) {
    const set = message.fields.filter(({ oneof }) => oneof === name).map(field => fieldName(field.name))
    for (const key of set.filter(each => kept[each] !== undefined).slice(1)) delete kept[key]
  }
  return kept
}

function extensionsOf(files: readonly FileDescriptor[]): Extensions {
  const found = new Map<string, (readonly [string, FieldDescriptor])[]>()
  const add = (
    scope: string,
    { extensions, messages }: Pick<MessageDescriptor, 'extensions' | 'messages'>,
  ): void => {
    for (const field of extensions) {
      const extended = field.extendee?.name ?? ''
      found.set(extended, [...(found.get(extended) ?? []), [inScope(scope, field.name), field]])
    }
    for (const message of messages) add(inScope(scope, message.name), message)
  }
  for (const file of files) add(file.package, file)
  return found
}
