import { fieldName } from '../../adapters/codec/proto-types/field-names.js'
import type { EnumDescriptor, FieldDescriptor, MessageDescriptor, ScalarType } from '../descriptor.js'
import { docComment } from './doc-comment.js'
import type { Extension } from './extensions.js'
import type { Imports } from './imports.js'
import { firstFitting, indent, quote } from './layout.js'

/** With more combinations than this the compiler would groan; the members are then plain optional fields. */
const mostCombinations = 100

/** The TypeScript type of a message. `extensions` are those of its own file, with their full names. */
export function messageLines(
  name: string,
  message: MessageDescriptor,
  extensions: readonly (readonly [string, FieldDescriptor])[],
  imports: Imports,
): readonly string[] {
  const choices = choicesOf(message)
  const chosen = new Set(choices.flat())
  const fields = [
    requiredLines(message, imports),
    ...message.fields
      .filter(field => !chosen.has(field))
      .map(field => fieldLines(fieldName(field.name), field, imports)),
    ...extensions.map(([full, field]) => fieldLines(quote(`.${full}`), field, imports)),
  ].flat()
  const doc = docComment(message)
  if (choices.length > 0) return [...doc, ...unionLines(name, fields, choices, imports)]
  // An empty interface would take anything.
  if (fields.length === 0) return [...doc, `export type ${name} = Record<string, never>`]
  return [...doc, `export interface ${name} {`, ...indent(fields), '}']
}

/** Tells MessageInit what must be there when a message is written. */
function requiredLines({ fields }: MessageDescriptor, imports: Imports): readonly string[] {
  const names = fields.filter(({ label }) => label === 'required').map(({ name }) => quote(fieldName(name)))
  if (names.length === 0) return []
  const key = `[${imports.headrace('headrace/protobuf', 'required', 'type')}]?:`
  return firstFitting(`${key} ${names.join(' | ')}  `, [key, ...names.map(name => `  | ${name}`)]).map(line =>
    line.trimEnd(),
  )
}

function unionLines(
  name: string,
  fields: readonly string[],
  choices: readonly (readonly FieldDescriptor[])[],
  imports: Imports,
): readonly string[] {
  const oneOf = imports.headrace('headrace/protobuf', 'OneOf', 'type')
  const lines: string[] =
    fields.length === 0 ? [`export type ${name} =`] : [`export type ${name} = {`, ...indent(fields), '}']
  for (const [at, choice] of choices.entries()) {
    const members = choice.flatMap(field =>
      fieldLines(fieldName(field.name), { ...field, label: 'required' }, imports),
    )
    const opening = `${lines.pop() ?? ''}${at === 0 && fields.length === 0 ? '' : ' &'}`
    // prettier indents what follows the first type that is no object.
    const block = [`${oneOf}<{`, ...indent(members), '}>']
    if (at === 0) lines.push(`${opening} ${block[0] ?? ''}`, ...block.slice(1))
    else lines.push(opening, ...indent(block))
  }
  return lines
}

/** The oneofs of a message that are worth a union: each with its fields. */
function choicesOf({ fields, oneofs }: MessageDescriptor): readonly (readonly FieldDescriptor[])[] {
  const choices = oneofs
    .map(({ name }) => fields.filter(({ oneof }) => oneof === name))
    .filter(members => members.length > 1)
  let combinations = 1
  return choices.filter(members => (combinations *= members.length + 1) <= mostCombinations)
}

function fieldLines(name: string, field: FieldDescriptor, imports: Imports): readonly string[] {
  const key = `${name}${isOptional(field) ? '?' : ''}`
  const tags = defaultTags(field)
  const item = itemType(field, imports)
  const lines =
    field.mapKey === undefined
      ? [`${key}: ${item}${field.label === 'repeated' ? '[]' : ''}`]
      : firstFitting(`${key}: Record<string, ${item}>   `, [`${key}: Record<`, '  string,', `  ${item}`, '>'])
  return [...docComment({ ...field, tags }, 1), ...lines.map(line => line.trimEnd())]
}

/** An extension of a message of another file: a value that reads and writes it. */
export function extensionLines(name: string, [full, field]: Extension, imports: Imports): readonly string[] {
  const item = itemType(field, imports)
  const type = field.label === 'repeated' ? `${item}[]` : `${item} | undefined`
  const extended = imports.type(field.extendee?.name ?? '')
  const head = `export const ${name} = proto.extension<`
  const [types, argument] = [[extended, type], quote(full)]
  return [
    ...docComment({ ...field, tags: defaultTags(field) }),
    ...firstFitting(
      `${head}${types.join(', ')}>(${argument})`,
      [`${head}${types.join(', ')}>(`, `  ${argument},`, ')'],
      [head, ...types.map((each, at) => `  ${each}${at === 0 ? ',' : ''}`), `>(${argument})`],
    ),
  ]
}

function defaultTags(field: FieldDescriptor): readonly string[] {
  return field.default === undefined ? [] : [`@default ${defaultOf(field)}`]
}

/** Can it be told whether the field is set? */
function isOptional({ label, type, hasPresence }: FieldDescriptor): boolean {
  return label === 'optional' && (hasPresence || type.kind === 'message' || type.kind === 'group')
}

const scalars: Readonly<Record<ScalarType, string>> = {
  ...{ double: 'number', float: 'number', bool: 'boolean', string: 'string', bytes: 'Uint8Array' },
  ...{ int32: 'number', sint32: 'number', sfixed32: 'number', uint32: 'number', fixed32: 'number' },
  ...{ int64: 'bigint', sint64: 'bigint', sfixed64: 'bigint', uint64: 'bigint', fixed64: 'bigint' },
}

function itemType({ type }: FieldDescriptor, imports: Imports): string {
  if (type.kind === 'scalar') return scalars[type.scalar]
  imports.needs(type.name)
  return imports.type(type.name)
}

/** The default of proto2 as one would write it. */
function defaultOf({ type, default: text = '' }: FieldDescriptor): string {
  if (type.kind !== 'scalar') return text
  const { scalar } = type
  if (scalar === 'string' || scalar === 'bytes') return JSON.stringify(text)
  if (scalar === 'bool') return text
  if (scalar === 'float' || scalar === 'double') return numberText(text, scalar)
  return String(integerOf(text))
}

function numberText(text: string, scalar: 'float' | 'double'): string {
  const number = Number(text.replace(/inf$/, 'Infinity').replace(/[fF]$/, ''))
  if (scalar === 'double') return String(number)
  const digits = [6, 7, 8, 9].map(count => Number(number.toPrecision(count)))
  return String(digits.find(short => Math.fround(short) === Math.fround(number)) ?? number)
}

function integerOf(text: string): bigint {
  const [, sign, digits = '0'] = /^(-?)(.*)$/.exec(text) ?? []
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return sign === '-' ? -value : value
}

/** An enum: its values by name, and the type of them. */
export function enumLines(name: string, type: EnumDescriptor): readonly string[] {
  const prefix = sharedPrefix(type)
  const values = type.values.flatMap(value => [
    ...docComment(value, 1),
    `${value.name.slice(prefix.length)}: ${value.number},`,
  ])
  const union = `(typeof ${name})[keyof typeof ${name}]`
  return [
    ...docComment(type),
    `export const ${name} = {`,
    ...indent(values),
    '} as const',
    ...firstFitting(`export type ${name} = ${union}`, [`export type ${name} =`, `  ${union}`]),
  ]
}

/** `COLOR_` of `COLOR_RED`, if all values of `Color` begin so: C++ needs it, TypeScript does not. */
function sharedPrefix({ name, values }: EnumDescriptor): string {
  const prefix = `${name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}_`
  const all = values.every(
    value => value.name.startsWith(prefix) && /^[A-Za-z_]/.test(value.name.slice(prefix.length)),
  )
  return all ? prefix : ''
}
