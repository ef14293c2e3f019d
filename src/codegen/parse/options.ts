import type { SourceReader } from './source-reader.js'

/** The options of one declaration by their names, `(custom).name` included: what the generator does not know it does not read either. */
export type Options = ReadonlyMap<string, OptionValue>

/** The value of an option. A text is kept as bytes, because its charset is the field's affair. */
export type OptionValue =
  | { readonly kind: 'word' | 'number'; readonly text: string }
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'aggregate' }

/** Reads `[a = 1, (b).c = { … }]` if it is there. */
export function optionalOptions(reader: SourceReader): Options {
  const options = new Map<string, OptionValue>()
  if (!reader.takes('[')) return options
  do readAssignment(reader, options)
  while (reader.takes(','))
  reader.take(']')
  return options
}

/** Reads `option a = 1;` into `options`. */
export function optionStatement(reader: SourceReader, options: Map<string, OptionValue>): void {
  reader.take('option')
  readAssignment(reader, options)
  reader.endDeclaration(';')
}

/** Is an option of this name `true`? */
export function isTrue(options: Options, name: string): boolean {
  const value = options.get(name)
  return value?.kind === 'word' && value.text === 'true'
}

/** The options that the generator reads: each has one value. */
const singular: ReadonlySet<string> = new Set([
  ...['default', 'json_name', 'packed', 'deprecated', 'allow_alias', 'idempotency_level'],
])

function readAssignment(reader: SourceReader, options: Map<string, OptionValue>): void {
  const { at } = reader
  let name = readNamePart(reader)
  while (reader.takes('.')) name += `.${readNamePart(reader)}`
  reader.take('=')
  const value = readValue(reader)
  // Any other may be a list, each item with an assignment of its own.
  if (options.has(name) && singular.has(name)) throw reader.error(`option ${name} is set twice`, at)
  options.set(name, value)
}

function readNamePart(reader: SourceReader): string {
  if (!reader.takes('(')) return reader.takeWord('the name of an option').text
  const { name } = reader.takeDottedName('the name of an option')
  reader.take(')')
  return `(${name})`
}

function readValue(reader: SourceReader): OptionValue {
  const { kind } = reader.current
  if (kind === 'text') return { kind: 'text', bytes: reader.takeBytes('a string') }
  if (kind === 'word') return { kind: 'word', text: reader.next().text }
  if (kind === 'integer' || kind === 'float') return { kind: 'number', text: reader.next().text }
  if (reader.takes('-')) return negative(reader)
  if (reader.sees('{')) {
    skipAggregate(reader)
    return { kind: 'aggregate' }
  }
  throw reader.unexpected('the value of an option')
}

function negative(reader: SourceReader): OptionValue {
  const { kind, text } = reader.current
  const isNumber = kind === 'integer' || kind === 'float' || text === 'inf' || text === 'nan'
  if (!isNumber) throw reader.unexpected('a number')
  reader.next()
  return { kind: 'number', text: `-${text}` }
}

/** `{ … }` in protobuf's text format: read up to the bracket that closes it. */
function skipAggregate(reader: SourceReader): void {
  let open = 0
  do {
    if (reader.current.kind === 'end') throw reader.unexpected('"}"')
    if (reader.sees('{')) open += 1
    if (reader.sees('}')) open -= 1
    reader.next()
  } while (open > 0)
}
