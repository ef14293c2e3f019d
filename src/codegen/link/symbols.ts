import type { FileDescriptor, MessageDescriptor, Position } from '../descriptor.js'
import { sourceError } from '../source-error.js'

/** A parsed file with the path that errors show. */
export interface SourceFile {
  readonly path: string
  readonly descriptor: FileDescriptor
}

/** What a full name stands for. */
export interface Symbol {
  readonly kind: 'message' | 'enum' | 'other'
  /** The file that declares it. */
  readonly file: string
}

/** Everything that the files declare, by full name. */
export type Symbols = ReadonlyMap<string, Symbol>

/** The full name of something in a scope; the scope of a file without a package is ''. */
export function inScope(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`
}

/** A declaration on its way into the table. */
interface Declared {
  readonly full: string
  readonly kind: Symbol['kind']
  readonly at: Position | undefined
}

/** Collects what the files declare. Throws `bad_request` at the second of two declarations of one name. */
export function collectSymbols(files: readonly SourceFile[]): Symbols {
  const symbols = new Map<string, Symbol>()
  for (const { path, descriptor } of files) {
    for (const { full, kind, at } of inOrder(declaredIn(descriptor))) {
      const other = symbols.get(full)
      if (other !== undefined) throw sourceError(path, at, `${full} is declared twice, also in ${other.file}`)
      symbols.set(full, { kind, file: descriptor.name })
    }
  }
  return symbols
}

function inOrder(declared: readonly Declared[]): readonly Declared[] {
  const line = ({ at }: Declared) => at?.line ?? 0
  const column = ({ at }: Declared) => at?.column ?? 0
  return [...declared].sort((a, b) => line(a) - line(b) || column(a) - column(b))
}

function declaredIn(file: FileDescriptor): readonly Declared[] {
  const services = file.services.flatMap(service => [
    declare(file.package, service, 'other'),
    ...service.methods.map(method => declare(inScope(file.package, service.name), method, 'other')),
  ])
  return [...services, ...declaredInScope(file.package, file)]
}

function declaredInScope(
  scope: string,
  { messages, enums, extensions }: Pick<MessageDescriptor, 'messages' | 'enums' | 'extensions'>,
): readonly Declared[] {
  return [
    ...enums.map(each => declare(scope, each, 'enum')),
    // The values of an enum stand beside it, as in C++.
    ...enums.flatMap(each => each.values.map(value => declare(scope, value, 'other'))),
    ...extensions.map(each => declare(scope, each, 'other')),
    ...messages.flatMap(message => {
      const own = inScope(scope, message.name)
      const members = [...message.fields, ...message.oneofs].map(each => declare(own, each, 'other'))
      return [declare(scope, message, 'message'), ...members, ...declaredInScope(own, message)]
    }),
  ]
}

function declare(
  scope: string,
  { name, at }: { readonly name: string; readonly at?: Position },
  kind: Symbol['kind'],
): Declared {
  return { full: inScope(scope, name), kind, at }
}
