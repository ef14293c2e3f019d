import { fits } from './layout.js'

/** What a declaration says of itself. */
interface Documented {
  readonly doc: string
  readonly deprecated: boolean
  /** Further tags, such as `@default 5`. */
  readonly tags?: readonly string[]
}

/** The doc comment of a declaration; no lines for one without. `depth` is how far in it will stand. */
export function docComment({ doc, deprecated, tags = [] }: Documented, depth = 0): readonly string[] {
  const text = linesOf(doc)
  const lines = [...text, ...tags, ...(deprecated ? ['@deprecated'] : [])]
  const [only] = lines
  if (only === undefined) return []
  const short = `/** ${only} */`
  if (lines.length === 1 && fits(' '.repeat(2 * depth) + short)) return [short]
  return ['/**', ...lines.map(line => ` * ${line}`.trimEnd()), ' */']
}

/** The text of a comment: without the space behind the slashes, and without blank lines around it. */
function linesOf(doc: string): readonly string[] {
  const lines = doc
    .replaceAll('*/', '*\\/')
    .split(/\r?\n/)
    .map(line => line.trimEnd())
  const margin = Math.min(...lines.filter(line => line !== '').map(line => /^ */.exec(line)?.[0].length ?? 0))
  const text = lines.map(line => line.slice(Math.min(margin, 1)))
  while (text[0] === '') text.shift()
  while (text.at(-1) === '') text.pop()
  return text
}
