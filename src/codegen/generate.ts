import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { ServiceError } from '../streams/index.js'
import { generateSources, withUsedFiles } from './emit/generate-sources.js'
import { fileStore } from './load/file-store.js'
import { loadFiles, type LoadedFiles, type SourceStore } from './load/load-files.js'
import { dirname, join } from './load/slash-paths.js'

/** What to generate, from what, and where to. */
export interface GenerateOptions {
  /** The `.proto` files. What they import and use is generated as well. */
  readonly files: readonly string[]
  /** Where imports are looked for, as with `-I` of protoc. The folder of the importing file is looked at last. Default none. */
  readonly includeDirectories?: readonly string[]
  /** Where the generated files go, in the folders that their names have below an include directory. Default: each beside its `.proto`. */
  readonly outDirectory?: string
  /** Nothing is written: each file that would change is `stale`. Default false. */
  readonly check?: boolean
}

/** One file and what became of it. */
export interface GeneratedFile {
  /** The TypeScript file, for example `examples/greeter/greeter.headrace.ts`. */
  readonly path: string
  /** The `.proto` file it was made from. */
  readonly source: string
  /** `stale`: it differs or is missing, and `check` was set. */
  readonly state: 'written' | 'unchanged' | 'stale'
}

/** What a run of the generator did. */
export interface Generated {
  readonly files: readonly GeneratedFile[]
  /** Every `.proto` file that was read from disk: what a watcher watches. */
  readonly sources: readonly string[]
}

/**
 * Writes `<name>.headrace.ts` for each file and for what it uses of its imports; files that would not change are not touched. Rejects with a ServiceError and
 * writes nothing when a file is missing (`not_found`) or damaged (`bad_request`): its detail begins with `file:line:column: `.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  return generateFrom(fileStore(), options)
}

/** The same with the sources of a store. */
export async function generateFrom(store: SourceStore, options: GenerateOptions): Promise<Generated> {
  const { files, includeDirectories = [], outDirectory, check = false } = options
  if (files.length === 0) throw new ServiceError('bad_request', 'generate: name at least one .proto file')
  const loaded = await loadFiles(files, includeDirectories, store)
  const outputOf = (name: string) => outputPath(name, loaded, outDirectory)
  const names = withUsedFiles(loaded.files, loaded.wanted)
  const texts = generateSources(loaded.files, names, outputOf)
  const written: GeneratedFile[] = []
  for (const [name, text] of texts) {
    const path = outputOf(name)
    const state = (await textOf(path)) === text ? 'unchanged' : check ? 'stale' : 'written'
    if (state === 'written') await write(path, text)
    written.push({ path, source: loaded.paths.get(name) ?? name, state })
  }
  return { files: written, sources: [...loaded.paths.values()] }
}

/** Beside the source, or below the chosen folder by the name that imports use. What is built in goes beside the first file that was asked for. */
function outputPath(name: string, { paths, wanted }: LoadedFiles, outDirectory: string | undefined): string {
  const output = name.replace(/(\.proto)?$/, '.headrace.ts')
  const path = paths.get(name)
  if (outDirectory !== undefined)
    return join(outDirectory, /^(\/|\.\.)/.test(output) ? (output.split('/').at(-1) ?? output) : output)
  if (path !== undefined) return path.replace(/(\.proto)?$/, '.headrace.ts')
  return join(dirname(paths.get(wanted[0] ?? '') ?? '.'), output)
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ServiceError('unavailable', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    throw new ServiceError('unavailable', `${path} cannot be written: ${(cause as Error).message}`, { cause })
  }
}
