import type { FileDescriptor } from '../descriptor.js'
import { wellKnownFiles } from '../load/well-known-sources.js'
import { importedName } from './names.js'
import { firstFitting, quote } from './layout.js'
import type { KnownType, KnownTypes } from './registry.js'

/** What one import statement brings: names there to names here. `values` are used at run time. */
interface Import {
  readonly names: Map<string, string>
  readonly values: Set<string>
}

/** The imports that a generated file needs, collected while it is written. */
export class Imports {
  private readonly statements = new Map<string, Import>()
  private readonly files = new Set<string>()
  private readonly used: Set<string>

  /** `names` are those of the file's own declarations. `moduleOf` gives the module that is generated for a file, as `file` imports it. */
  constructor(
    private readonly file: FileDescriptor,
    private readonly types: KnownTypes,
    private readonly moduleOf: (name: string) => string,
    names: Iterable<string>,
  ) {
    this.used = new Set(names)
  }

  /** The name here of a function or type of headrace. */
  headrace(module: string, name: string, use: 'type' | 'value'): string {
    return this.add(module, name, name, use)
  }

  /** The name here of a message or enum type. */
  type(full: string, use: 'type' | 'value' = 'type'): string {
    const known = this.types.get(full)
    if (known === undefined) return full
    if (known.file === this.file) return known.name
    const module = this.module(known)
    const there = this.statements.get(module)?.names.get(known.name)
    return this.add(module, known.name, there ?? importedName(full, known.name, this.used), use)
  }

  /** The types of that name must be there when the messages are read. */
  needs(full: string): void {
    const known = this.types.get(full)
    if (known !== undefined && known.file !== this.file) this.files.add(known.file.name)
  }

  /** The names here of the files that the messages need. */
  protoFiles(): readonly string[] {
    const own = [...this.files].filter(name => !wellKnownFiles.has(name)).sort()
    const wellKnown =
      own.length < this.files.size ? [this.headrace('headrace/protobuf', 'wellKnownTypes', 'value')] : []
    return [
      ...wellKnown,
      ...own.map(name => {
        const wanted = `${(/([^/]*?)(?:\.proto)?$/.exec(name)?.[1] ?? name).replace(/[^A-Za-z0-9_]/g, '_')}Proto`
        return this.add(
          this.moduleOf(name),
          'proto',
          importedName(`${name.replace(/[^A-Za-z0-9_]/g, '_')}_`, wanted, this.used),
          'value',
        )
      }),
    ]
  }

  /** The import statements, headrace's first. */
  lines(): readonly string[] {
    const modules = [...this.statements].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    return modules.flatMap(([module, { names, values }]) => {
      const all = [...names].map(([there, here]) => {
        const name = there === here ? there : `${there} as ${here}`
        return values.has(there) ? name : `type ${name}`
      })
      all.sort((a, b) => (bare(a) < bare(b) ? -1 : 1))
      const from = `from ${quote(module)}`
      return firstFitting(`import { ${all.join(', ')} } ${from}`, [
        'import {',
        ...all.map(name => `  ${name},`),
        `} ${from}`,
      ])
    })
  }

  private module({ file }: KnownType): string {
    return wellKnownFiles.has(file.name) ? 'headrace/protobuf' : this.moduleOf(file.name)
  }

  private add(module: string, there: string, here: string, use: 'type' | 'value'): string {
    const statement = this.statements.get(module) ?? {
      names: new Map<string, string>(),
      values: new Set<string>(),
    }
    this.statements.set(module, statement)
    statement.names.set(there, here)
    if (use === 'value') statement.values.add(there)
    this.used.add(here)
    return here
  }
}

const rank = (module: string): number => (module.startsWith('headrace/') ? 0 : 1)
const bare = (name: string): string => name.replace(/^type /, '')
