/**
 * Code blocks of Markdown are cut from files that the tests run, so they cannot rot.
 *
 *     <!-- from examples/greeter/service.ts#service -->
 *     ```ts
 *     …
 *     ```
 *
 * The block is the file, or the part of it between `// #region service` and `// #endregion service`, less its common
 * indentation. Of a transcript (test/cli/transcripts/*.txt) `#2` is the second command with its output. Without arguments this fails when a block differs from its file, or when README.md or a page of the
 * guide has a TypeScript block without a mark; `--write` puts the files' text into the blocks.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const block =
  /^(?<mark><!-- from (?<file>\S+?)(?:#(?<region>\S+))? -->\n+)(?<open>```\w*\n)(?<code>[^]*?)^```$/gm
/** @typedef {{ mark: string, file: string, region: string | undefined, open: string }} Block */

const unmarked = /(?<!^<!-- from [^\n]*-->\n+)^```(?:ts|typescript|js|javascript|console)\n/gm

/**
 * The page with every marked block as its file has it now.
 * @param {string} page
 * @param {(file: string) => string} read
 */
export function fillBlocks(page, read) {
  return page.replace(block, (...found) => {
    const { mark, file, region, open } = /** @type {Block} */ (found.at(-1))
    return `${mark}${open}${cut(file, read(file), region)}\`\`\``
  })
}

/**
 * The first line numbers of TypeScript and JavaScript blocks that no mark precedes.
 * @param {string} page
 */
export function unmarkedBlocks(page) {
  return [...page.matchAll(unmarked)].map(found => page.slice(0, found.index).split('\n').length)
}

/**
 * @param {string} file
 * @param {string} text
 * @param {string | undefined} region
 */
function cut(file, text, region) {
  if (file.endsWith('.txt')) return step(file, text, Number(region ?? 0))
  const isMark = (/** @type {string} */ line) => /^\s*\/\/ #(end)?region\b/.test(line)
  const lines = text.split('\n')
  if (region === undefined) return tidy(lines.filter(line => !isMark(line)))
  const at = (/** @type {string} */ word) => lines.findIndex(line => line.trim() === `// #${word} ${region}`)
  const [start, end] = [at('region'), at('endregion')]
  if (start < 0 || end < start)
    throw new Error(`${file} has no '// #region ${region}' with its '// #endregion ${region}'`)
  return tidy(lines.slice(start + 1, end).filter(line => !isMark(line)))
}

/**
 * One command of a transcript with what it printed; all of them for 0.
 * @param {string} file
 * @param {string} text
 * @param {number} number
 */
function step(file, text, number) {
  if (number === 0) return `${text.trimEnd()}\n`
  const found = text.split(/^(?=\$ )/m)[number - 1]
  if (found === undefined) throw new Error(`${file} has no command ${number}`)
  return `${found.trimEnd()}\n`
}

/** @param {string[]} lines */
function tidy(lines) {
  const indents = lines.filter(line => line.trim() !== '').map(line => /^ */.exec(line)?.[0].length ?? 0)
  const common = Math.min(...indents)
  return `${lines
    .map(line => line.slice(common))
    .join('\n')
    .replace(/^\n+|\s+$/g, '')}\n`
}

/** @param {string} file */
function readRun(file) {
  if (!/^(examples|test|templates)\//.test(file))
    throw new Error(`${file}: blocks are cut from examples/, templates/ or test/, which the tests run`)
  const text = readFileSync(file, 'utf8')
  // What `headrace new demo` writes in place of it.
  return file.startsWith('templates/') ? text.replaceAll('__name__', 'demo') : text
}

/** Pages in which every block of code is cut from what is run; those about the design and the wire show what no file holds. */
const strict = /^docs\/(guide\/|quick-start|recipes|command-line|migration-)/

/**
 * What is wrong with the blocks of a page; `write` corrects what can be corrected.
 * @param {string} page
 * @param {boolean} write
 */
function check(page, write) {
  const text = readFileSync(page, 'utf8')
  const faults =
    page === 'README.md' || strict.test(page)
      ? unmarkedBlocks(text).map(line => `${page}:${line}: a code block without <!-- from file#region -->`)
      : []
  try {
    const filled = fillBlocks(text, readRun)
    if (write) writeFileSync(page, filled)
    else if (filled !== text) faults.push(`${page}: a block differs from its file; run npm run readme:write`)
  } catch (error) {
    faults.push(`${page}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return faults
}

/** docs/api and docs/reference are written from the build. */
const isHandWritten = (/** @type {string} */ name) => name.endsWith('.md') && !/^(api|reference)\b/.test(name)

function main() {
  const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
  const pages = ['README.md', 'ARCHITECTURE.md'].filter(page => existsSync(page))
  if (existsSync('docs')) {
    const found = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    pages.push(...found.filter(isHandWritten).map(name => join('docs', name)))
  }
  const faults = pages.flatMap(page => check(page, values.write))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
