import type { Position } from '../descriptor.js'
import { sourceError } from '../source-error.js'
import { inScope, type SourceFile, type Symbol, type Symbols } from './symbols.js'

/** Looks up the type names of one file. */
export class Resolver {
  /** The names of the files whose declarations this file sees. */
  private readonly visible: ReadonlySet<string>
  private readonly packages: ReadonlySet<string>

  constructor(
    private readonly file: SourceFile,
    files: ReadonlyMap<string, SourceFile>,
    private readonly symbols: Symbols,
  ) {
    this.visible = visibleFrom(file, files)
    this.packages = packagesOf(this.visible, files)
  }

  /** The full name and the kind of the type that `name` means in `scope`. Throws `bad_request`. */
  type(
    scope: string,
    name: string,
    at: Position | undefined,
  ): { readonly name: string; readonly kind: 'message' | 'enum' } {
    const full = name.startsWith('.') ? name.slice(1) : this.search(scope, name)
    const symbol = full === undefined ? undefined : this.see(full)
    if (full === undefined || symbol === undefined) throw this.missing(scope, name, at)
    if (symbol.kind === 'other') throw sourceError(this.file.path, at, `${full} is no type`)
    return { name: full, kind: symbol.kind }
  }

  /** The same for a name that must be a message's. */
  message(scope: string, name: string, at: Position | undefined): string {
    const type = this.type(scope, name, at)
    if (type.kind !== 'message') throw sourceError(this.file.path, at, `${type.name} is no message`)
    return type.name
  }

  /** From the innermost scope outwards: the first part of the name decides, as in C++. */
  private search(scope: string, name: string): string | undefined {
    const [first = ''] = name.split('.', 1)
    for (let inner = scope; ; inner = inner.slice(0, Math.max(0, inner.lastIndexOf('.')))) {
      const kind = this.see(inScope(inner, first))?.kind
      const found = first === name ? kind === 'message' || kind === 'enum' : this.holds(inScope(inner, first))
      if (found) return inScope(inner, name)
      if (inner === '') return undefined
    }
  }

  /** Can it have something in it? */
  private holds(full: string): boolean {
    return this.packages.has(full) || this.see(full)?.kind === 'message'
  }

  private see(full: string): Symbol | undefined {
    const symbol = this.symbols.get(full)
    return symbol !== undefined && this.visible.has(symbol.file) ? symbol : undefined
  }

  private missing(scope: string, name: string, at: Position | undefined): Error {
    for (let inner = scope; ; inner = inner.slice(0, Math.max(0, inner.lastIndexOf('.')))) {
      const elsewhere = this.symbols.get(name.startsWith('.') ? name.slice(1) : inScope(inner, name))
      if (elsewhere !== undefined && !this.visible.has(elsewhere.file))
        return sourceError(this.file.path, at, `${name} is in ${elsewhere.file}, which is not imported`)
      if (inner === '') return sourceError(this.file.path, at, `there is no type ${name}`)
    }
  }
}

/** The file itself, what it imports, and what that imports publicly. */
function visibleFrom(
  { descriptor }: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
): ReadonlySet<string> {
  const visible = new Set([descriptor.name])
  const waiting = descriptor.imports.map(({ name }) => name)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (visible.has(name)) continue
    visible.add(name)
    const imports = files.get(name)?.descriptor.imports ?? []
    waiting.push(...imports.filter(each => each.public).map(each => each.name))
  }
  return visible
}

function packagesOf(
  visible: ReadonlySet<string>,
  files: ReadonlyMap<string, SourceFile>,
): ReadonlySet<string> {
  const packages = new Set<string>()
  for (const name of visible) {
    let full = files.get(name)?.descriptor.package ?? ''
    for (; full !== ''; full = full.slice(0, Math.max(0, full.lastIndexOf('.')))) packages.add(full)
  }
  return packages
}
