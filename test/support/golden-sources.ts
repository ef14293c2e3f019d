import { readFileSync, readdirSync } from 'node:fs'
import ts from 'typescript'

/** What the source of a golden test says. */
export interface GoldenSource {
  readonly path: string
  /** Its string literals, but not the titles of its tests. */
  readonly literals: ReadonlySet<string>
  /** Its identifiers. */
  readonly identifiers: ReadonlySet<string>
}

/** A vector as `file/name`. */
export type VectorKey = `${string}/${string}`

const golden = new URL('../unit/golden/', import.meta.url)

/** All golden tests. */
export function goldenSources(): readonly GoldenSource[] {
  return readdirSync(golden)
    .filter(path => path.endsWith('.golden.test.ts'))
    .map(path => goldenSource(path, readFileSync(new URL(path, golden), 'utf8')))
}

/** Reads one source. */
export function goldenSource(path: string, text: string): GoldenSource {
  const literals = new Set<string>()
  const identifiers = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) identifiers.add(node.text)
    if (ts.isStringLiteralLike(node) && !isTitle(node)) literals.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true))
  return { path, literals, identifiers }
}

/** The first argument of `it(…)`, `describe(…)` and the like says what is tested, not with what. */
function isTitle(node: ts.Node): boolean {
  const { parent } = node
  return (
    ts.isCallExpression(parent) &&
    parent.arguments[0] === node &&
    /^(it|test|describe)\b/.test(parent.expression.getText())
  )
}

/** Whether a golden test works with a vector: it names the file and the vector. */
export function namesVector({ literals }: GoldenSource, key: string): boolean {
  const slash = key.indexOf('/')
  return literals.has(key.slice(0, slash)) && literals.has(key.slice(slash + 1))
}

/** Every vector, in the order of the files. */
export function vectorKeys(): readonly VectorKey[] {
  const folder = new URL('../vectors/', import.meta.url)
  const files = readdirSync(folder).filter(name => name.endsWith('.json'))
  const keys = files.flatMap(file => {
    const { vectors } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
      readonly vectors: readonly { readonly name: string }[]
    }
    return vectors.map(({ name }): VectorKey => `${file.replace(/\.json$/, '')}/${name}`)
  })
  return [...new Set(keys)]
}
