import type { FileDescriptor, ImportDescriptor } from '../descriptor.js'
import { linkFiles } from '../link/link-files.js'
import type { SourceFile } from '../link/symbols.js'
import { parseFile } from '../parse/parse-file.js'
import { ServiceError } from '../../streams/index.js'
import { sourceError } from '../source-error.js'
import { dirname, join, normalize } from './slash-paths.js'

/** Where sources come from. */
export interface SourceStore {
  /** The text of a file; `undefined` where there is none. */
  read(path: string): Promise<string | undefined>
  /** The text of a file that everybody has, such as `google/protobuf/timestamp.proto`. */
  builtIn(name: string): Promise<string | undefined>
}

/** Files with all that they import. */
export interface LoadedFiles {
  /** Linked, imports first. */
  readonly files: readonly FileDescriptor[]
  /** The names of the files that were asked for. */
  readonly wanted: readonly string[]
  /** Where each was read, by name; built-in files have none. */
  readonly paths: ReadonlyMap<string, string>
}

/**
 * Reads files and what they import. An import is looked for in the include directories (without any: in the working directory), then among the built-in files,
 * then beside the importing file. Rejects with `not_found` for a file that is not there, and with `bad_request` with file, line and column for what is wrong in one.
 */
export async function loadFiles(
  paths: readonly string[],
  includeDirectories: readonly string[],
  store: SourceStore,
): Promise<LoadedFiles> {
  const loader = new Loader(includeDirectories.map(normalize), store)
  const wanted: string[] = []
  for (const path of paths) wanted.push(await loader.named(normalize(path)))
  return { files: linkFiles(loader.files), wanted: [...new Set(wanted)], paths: loader.paths }
}

/** A file that was found. */
interface Found {
  readonly name: string
  readonly source: string
  /** Absent: built in. */
  readonly path?: string
}

class Loader {
  readonly files: SourceFile[] = []
  readonly paths = new Map<string, string>()
  private readonly names = new Set<string>()
  private readonly open: string[] = []

  constructor(
    private readonly directories: readonly string[],
    private readonly store: SourceStore,
  ) {}

  /** Reads a file that was asked for; gives its name. */
  async named(path: string): Promise<string> {
    const source = await this.store.read(path)
    if (source === undefined) throw new ServiceError('not_found', `${path}: there is no such file`)
    return this.add({ name: this.nameOf(path), path, source })
  }

  private async add({ name, path, source }: Found): Promise<string> {
    if (this.names.has(name)) return name
    this.names.add(name)
    if (path !== undefined) this.paths.set(name, path)
    const parsed = parseFile(path ?? name, name, source)
    this.open.push(name)
    const imports: ImportDescriptor[] = []
    for (const each of parsed.imports)
      imports.push({ ...each, name: await this.import(each, path ?? name, path) })
    this.open.pop()
    this.files.push({ path: path ?? name, descriptor: { ...parsed, imports } })
    return name
  }

  private async import(
    { name, weak, at }: ImportDescriptor,
    shown: string,
    importer: string | undefined,
  ): Promise<string> {
    const found = await this.find(normalize(name), importer)
    if (found === undefined) {
      if (weak) return name
      const places =
        this.directories.length === 0
          ? ', here or beside this file; -I names other folders'
          : `, neither in ${this.directories.join(', ')} nor beside this file`
      throw sourceError(shown, at, `${name} was not found${places}`)
    }
    if (this.open.includes(found.name))
      throw sourceError(shown, at, `${name} imports itself: ${[...this.open, found.name].join(' > ')}`)
    return this.add(found)
  }

  private async find(name: string, importer: string | undefined): Promise<Found | undefined> {
    const roots = this.directories.length === 0 ? ['.'] : this.directories
    for (const root of roots) {
      const found = await this.read(join(root, name))
      if (found !== undefined) return found
    }
    const source = await this.store.builtIn(name)
    if (source !== undefined) return { name, source }
    return importer === undefined ? undefined : this.read(join(dirname(importer), name))
  }

  private async read(path: string): Promise<Found | undefined> {
    const source = await this.store.read(path)
    return source === undefined ? undefined : { name: this.nameOf(path), path, source }
  }

  /** The path below the include directory that holds it; else the path as it is. */
  private nameOf(path: string): string {
    const root = this.directories.find(directory => directory === '.' || path.startsWith(`${directory}/`))
    return root === undefined || root === '.' ? path : path.slice(root.length + 1)
  }
}
