import type { NumberRange } from '../descriptor.js'
import type { SourceReader } from './source-reader.js'

/** Reads `1, 5 to 9, 20 to max`. */
export function readRanges(reader: SourceReader, most: number, least: number): readonly NumberRange[] {
  const ranges: NumberRange[] = []
  do ranges.push(readRange(reader, most, least))
  while (reader.takes(','))
  return ranges
}

function readRange(reader: SourceReader, most: number, least: number): NumberRange {
  const { at } = reader
  const start = reader.takeInteger('a number', most, least)
  const end = reader.takes('to') ? readEnd(reader, most, least) : start
  if (end < start) throw reader.error(`the range from ${start} to ${end} is empty`, at)
  return { start, end, at }
}

function readEnd(reader: SourceReader, most: number, least: number): number {
  return reader.takes('max') ? most : reader.takeInteger('a number', most, least)
}

/** Reads `reserved 1 to 5;` or `reserved "a", "b";`. Names without quotes are of editions. */
export function readReserved(
  reader: SourceReader,
  draft: { readonly reservedRanges: NumberRange[]; readonly reservedNames: string[] },
  most: number,
  least: number,
): void {
  reader.take('reserved')
  do {
    if (reader.current.kind === 'text') draft.reservedNames.push(reader.takeText('a name'))
    else if (reader.current.kind === 'word') draft.reservedNames.push(reader.next().text)
    else draft.reservedRanges.push(readRange(reader, most, least))
  } while (reader.takes(','))
  reader.endDeclaration(';')
}
