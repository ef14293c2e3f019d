import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  ImportDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from '../descriptor.js'
import { readEnum } from './enum.js'
import { readExtend, readMessage } from './message.js'
import { optionStatement, type OptionValue } from './options.js'
import { readService } from './service.js'
import { SourceReader } from './source-reader.js'

/** What is said to a file with an edition in place of a syntax. */
export const noEditions = 'editions are not supported, proto2 and proto3 are: write syntax = "proto3";'

/** What has been read of a file so far. */
interface Draft {
  package: string
  readonly imports: ImportDescriptor[]
  readonly messages: MessageDescriptor[]
  readonly enums: EnumDescriptor[]
  readonly services: ServiceDescriptor[]
  readonly extensions: FieldDescriptor[]
}

/**
 * Reads a `.proto` source: proto2 or proto3. Types are named as they are written; linking looks them up. `path` is shown in errors, `name` is what
 * imports say. Throws `bad_request` with file, line and column, and never anything else.
 */
export function parseFile(path: string, name: string, source: string): FileDescriptor {
  const reader = new SourceReader(path, source)
  const syntax = readSyntax(reader)
  const draft: Draft = { package: '', imports: [], messages: [], enums: [], services: [], extensions: [] }
  const options = new Map<string, OptionValue>()
  while (reader.current.kind !== 'end') readStatement(reader, draft, syntax, options)
  return { name, syntax, ...draft }
}

function readSyntax(reader: SourceReader): FileDescriptor['syntax'] {
  if (reader.sees('edition')) throw reader.error(noEditions)
  if (!reader.sees('syntax')) return 'proto2'
  reader.next()
  reader.take('=')
  const { at } = reader
  const syntax = reader.takeText('"proto2" or "proto3"')
  if (syntax !== 'proto2' && syntax !== 'proto3')
    throw reader.error(`syntax ${JSON.stringify(syntax)} is not known: there are "proto2" and "proto3"`, at)
  reader.endDeclaration(';')
  return syntax
}

function readStatement(
  reader: SourceReader,
  draft: Draft,
  syntax: FileDescriptor['syntax'],
  options: Map<string, OptionValue>,
): void {
  if (reader.sees(';')) reader.endDeclaration(';')
  else if (reader.sees('package')) readPackage(reader, draft)
  else if (reader.sees('import')) draft.imports.push(readImport(reader))
  else if (reader.sees('option')) optionStatement(reader, options)
  else if (reader.sees('message')) draft.messages.push(readMessage(reader, syntax))
  else if (reader.sees('enum')) draft.enums.push(readEnum(reader, syntax))
  else if (reader.sees('service')) draft.services.push(readService(reader))
  else if (reader.sees('extend')) readExtend(reader, syntax, draft)
  else throw reader.unexpected('"message", "enum", "service", "import", "package", "option" or "extend"')
}

function readPackage(reader: SourceReader, draft: Draft): void {
  const { at } = reader.take('package')
  if (draft.package !== '') throw reader.error('a file has one package', at)
  draft.package = reader.takeDottedName('the name of a package').name
  reader.endDeclaration(';')
}

function readImport(reader: SourceReader): ImportDescriptor {
  reader.take('import')
  const isPublic = reader.takes('public')
  const weak = !isPublic && reader.takes('weak')
  const { at } = reader
  const name = reader.takeText('the name of a file')
  reader.endDeclaration(';')
  return { name, public: isPublic, weak, at }
}
