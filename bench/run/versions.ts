import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The versions of Node and of every package that a peer is made of. */
export function versions(): string {
  const { dependencies = {} } = manifest(join(process.cwd(), 'bench', 'package.json'))
  const packages = ['headrace', 'rxjs', ...Object.keys(dependencies)].map(
    name => `${name} ${versionOf(name)}`,
  )
  return [`Node ${process.versions.node}`, ...packages].join(', ')
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Not every package lets its package.json be imported: it is looked for above the package's main file. */
function versionOf(name: string): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.resolve(name)));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const found = manifest(join(folder, 'package.json'))
    if (found.name === name && found.version !== undefined) return found.version
  }
  return 'unknown'
}

function manifest(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
