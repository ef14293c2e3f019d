import type { EnumDescriptor, EnumValueDescriptor, NumberRange } from '../descriptor.js'
import { isTrue, optionStatement, optionalOptions, type OptionValue } from './options.js'
import { readReserved } from './ranges.js'
import type { SourceReader } from './source-reader.js'

const least = -(2 ** 31)
const most = 2 ** 31 - 1

/** Reads `enum Name { … }`. */
export function readEnum(reader: SourceReader, syntax: 'proto2' | 'proto3'): EnumDescriptor {
  reader.take('enum')
  const { text: name, at } = reader.takeWord('the name of an enum')
  const doc = reader.endDeclaration('{')
  const options = new Map<string, OptionValue>()
  const reserved = { reservedRanges: [] as NumberRange[], reservedNames: [] as string[] }
  const values: EnumValueDescriptor[] = []
  while (!reader.sees('}')) {
    if (reader.sees(';')) reader.endDeclaration(';')
    else if (reader.sees('option')) optionStatement(reader, options)
    else if (reader.sees('reserved')) readReserved(reader, reserved, most, least)
    else values.push(readValue(reader))
  }
  const first = values[0]
  if (first === undefined) throw reader.error(`enum ${name} has no values`, at)
  if (syntax === 'proto3' && first.number !== 0)
    throw reader.error(`${first.name}: the first value of an enum of proto3 is 0`, first.at)
  const allowAlias = isTrue(options, 'allow_alias')
  if (!allowAlias) refuseAliases(reader, values)
  for (const value of values) refuseReserved(reader, value, reserved)
  reader.endDeclaration('}')
  return { name, at, doc, deprecated: isTrue(options, 'deprecated'), values, allowAlias }
}

function readValue(reader: SourceReader): EnumValueDescriptor {
  const { text: name, at } = reader.takeWord('the name of a value')
  reader.take('=')
  const number = reader.takeInteger('the number of a value', most, least)
  const options = optionalOptions(reader)
  const doc = reader.endDeclaration(';')
  return { name, at, number, doc, deprecated: isTrue(options, 'deprecated') }
}

function refuseAliases(reader: SourceReader, values: readonly EnumValueDescriptor[]): void {
  const names = new Map<number, string>()
  for (const { name, number, at } of values) {
    const other = names.get(number)
    if (other !== undefined)
      throw reader.error(
        `${name} has the number ${number} of ${other}; option allow_alias = true allows that`,
        at,
      )
    names.set(number, name)
  }
}

function refuseReserved(
  reader: SourceReader,
  { name, number, at }: EnumValueDescriptor,
  {
    reservedRanges,
    reservedNames,
  }: { readonly reservedRanges: readonly NumberRange[]; readonly reservedNames: readonly string[] },
): void {
  if (reservedNames.includes(name)) throw reader.error(`${name} is reserved`, at)
  if (reservedRanges.some(({ start, end }) => number >= start && number <= end))
    throw reader.error(`${name}: the number ${number} is reserved`, at)
}
