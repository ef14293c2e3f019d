import { readFileSync } from 'node:fs'

/** One captured exchange; see test/vectors/README.md for what each field holds. */
export interface Vector {
  readonly name: string
  readonly what: string
  readonly source: string
  readonly input?: unknown
  /** Exact bytes. */
  readonly hex?: string
  /** Exact UTF-8 bytes. */
  readonly text?: string
  /** A structure, not byte-exact. */
  readonly json?: unknown
  /** Pieces of TCP traffic in the order of time. */
  readonly segments?: readonly Segment[]
}

/** One piece of TCP traffic; a `dir` that ends in `FIN` marks a close. */
export interface Segment {
  readonly dir: string
  readonly text?: string
  readonly hex?: string
}

/**
 * The vector `name` of test/vectors/`file`.json, which must be the only one of that name. A golden test names
 * each vector as a literal, here or in a table, because another test reads the sources to find vectors that no test names.
 */
export function vector(file: string, name: string): Vector {
  const [found, another] = vectors(file, name)
  if (found === undefined || another !== undefined)
    throw new Error(`test/vectors/${file}.json has several vectors '${name}': use vectors()`)
  return found
}

/** All vectors of that name, in the order of the file: the same name is repeated where a capture saw several forms. */
export function vectors(file: string, name: string): readonly Vector[] {
  const path = new URL(`../vectors/${file}.json`, import.meta.url)
  const content = JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly Vector[] }
  const found = content.vectors.filter(entry => entry.name === name)
  if (found.length === 0) throw new Error(`test/vectors/${file}.json has no vector '${name}'`)
  return found
}

/** The exact bytes of a vector, or of one segment. */
export function bytesOf(held: Pick<Vector, 'name' | 'hex' | 'text'> | Segment): Buffer {
  if (held.hex !== undefined) return Buffer.from(held.hex, 'hex')
  if (held.text !== undefined) return Buffer.from(held.text, 'utf8')
  throw new Error(`${'name' in held ? `vector '${held.name}'` : `segment '${held.dir}'`} has no bytes`)
}
