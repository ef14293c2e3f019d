/**
 * Writes docs/api: the public declarations of each entry point, without comments, from the built .d.ts files; and docs/reference, with comments.
 * Without arguments it fails when a file differs from the build; `--write` writes the files.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { referencePages } from './api-reference.js'
import { entryPoints } from './entry-points.js'

const printer = ts.createPrinter({ removeComments: true })
/** An export that several entry points have is described at the first of these, and named at the others. */
const homes = ['headrace/streams', 'headrace/actors', 'headrace']

/** Folder -> file -> text. */
function wantedFiles() {
  const entries = entryPoints().sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1))
  const program = ts.createProgram(
    entries.map(entry => entry.types),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: ['node'], skipLibCheck: true },
  )
  /** @type {Map<ts.Symbol, string>} */
  const described = new Map()
  const reports = new Map(entries.map(entry => [fileOf(entry.name), report(entry, program, described)]))
  return new Map([
    [join('docs', 'api'), reports],
    [join('docs', 'reference'), referencePages(entries, program)],
  ])
}

const rank = (/** @type {string} */ name) => (homes.includes(name) ? homes.indexOf(name) : homes.length)
const fileOf = (/** @type {string} */ name) => `${name.replaceAll('/', '-')}.api.md`

/**
 * @param {{ name: string, types: string }} entry
 * @param {ts.Program} program
 * @param {Map<ts.Symbol, string>} described
 */
function report({ name, types }, program, described) {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(types)
  const module = file && checker.getSymbolAtLocation(file)
  if (module === undefined) throw new Error(`${types} is not a module; run npm run build`)
  const exported = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1))
  const texts = exported.map(symbol => {
    const target = resolved(symbol, checker)
    const home = described.get(target)
    if (home !== undefined) return `// ${symbol.name}: see ${home}`
    described.set(target, name)
    return declarationsOf(target).map(print).join('\n')
  })
  const hidden = unexported(exported, checker, described)
  return [
    `# ${name}`,
    '',
    'Written by `npm run api:write` from the build. A change here is a change of the public API.',
    '',
    ...fence(texts),
    ...(hidden.length > 0
      ? ['', 'Reached from these, but not exported:', '', ...fence(hidden.map(print))]
      : []),
    '',
  ].join('\n')
}

const fence = (/** @type {string[]} */ texts) => ['```ts', texts.join('\n\n'), '```']

/**
 * @param {ts.Symbol} symbol
 * @param {ts.TypeChecker} checker
 */
function resolved(symbol, checker) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** @param {ts.Symbol} symbol */
const declarationsOf = symbol => symbol.declarations ?? []

/**
 * The declarations of this package that the exported ones mention and no entry point exports.
 * @param {ts.Symbol[]} exported
 * @param {ts.TypeChecker} checker
 * @param {Map<ts.Symbol, string>} described
 */
function unexported(exported, checker, described) {
  /** @type {Set<ts.Symbol>} */
  const seen = new Set(exported.map(symbol => resolved(symbol, checker)))
  /** @type {ts.Declaration[]} */
  const found = []
  const visit = (/** @type {ts.Node} */ node) => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
    const target = symbol && resolved(symbol, checker)
    if (target !== undefined && !seen.has(target) && !described.has(target)) {
      seen.add(target)
      const own = declarationsOf(target).filter(isOwnStatement)
      found.push(...own)
      own.forEach(visit)
    }
    ts.forEachChild(node, visit)
  }
  for (const symbol of [...seen]) declarationsOf(symbol).filter(isOwnStatement).forEach(visit)
  return found
}

/** @param {ts.Declaration} node */
function isOwnStatement(node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node
  return ts.isSourceFile(statement.parent) && node.getSourceFile().fileName.startsWith(resolve('dist') + sep)
}

/** @param {ts.Declaration} node */
function print(node) {
  const shown = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const { transformed } = ts.transform(shown, [withoutPrivates])
  const [first] = transformed
  return printer.printNode(ts.EmitHint.Unspecified, first ?? shown, node.getSourceFile())
}

/** @type {ts.TransformerFactory<ts.Node>} */
const withoutPrivates = context => root => {
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isClassElement(node) && isPrivate(node)) return undefined
    return ts.visitEachChild(node, visit, context)
  }
  return ts.visitEachChild(root, visit, context)
}

/** @param {ts.ClassElement} member */
function isPrivate(member) {
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : []
  const keyword = modifiers.some(modifier => modifier.kind === ts.SyntaxKind.PrivateKeyword)
  return keyword || (member.name !== undefined && ts.isPrivateIdentifier(member.name))
}

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const faults = [...wantedFiles()].flatMap(([folder, files]) => settle(folder, files, values.write))
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1

/**
 * Writes the files of a folder, or says which are not as they should be.
 * @param {string} folder
 * @param {Map<string, string>} wanted
 * @param {boolean} write
 */
function settle(folder, wanted, write) {
  const present = existsSync(folder) ? readdirSync(folder) : []
  if (write) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const [file, text] of wanted) writeFileSync(join(folder, file), text)
    return []
  }
  return [...new Set([...wanted.keys(), ...present])]
    .filter(file => !present.includes(file) || readFileSync(join(folder, file), 'utf8') !== wanted.get(file))
    .map(
      file => `${join(folder, file)}: the public API changed; run npm run api:write and discuss the change`,
    )
}
