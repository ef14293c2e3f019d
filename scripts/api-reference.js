/**
 * The API reference: a page for each entry point, with what the doc comments of the built declarations say. `npm run api` checks that the pages are
 * as the build has them, `npm run api:write` writes them.
 */
import ts from 'typescript'

const printer = ts.createPrinter()
const intro = 'Written by `npm run api:write` from the doc comments of the build.'

/**
 * The pages by file name.
 * @param {{ name: string, types: string }[]} entries in the order in which a name is described at the first that has it
 * @param {ts.Program} program
 */
export function referencePages(entries, program) {
  const checker = program.getTypeChecker()
  /** @type {Map<ts.Symbol, string>} */
  const homes = new Map()
  const pages = new Map(entries.map(entry => [fileOf(entry.name), page(entry, program, checker, homes)]))
  const links = entries.map(({ name }) => `- [\`${name}\`](${fileOf(name)})`).sort()
  pages.set('README.md', `# API reference\n\n${intro}\n\n${links.join('\n')}\n`)
  return pages
}

const fileOf = (/** @type {string} */ name) => `${name.replaceAll('/', '-')}.md`

/**
 * @param {{ name: string, types: string }} entry
 * @param {ts.Program} program
 * @param {ts.TypeChecker} checker
 * @param {Map<ts.Symbol, string>} homes
 */
function page({ name, types }, program, checker, homes) {
  const file = program.getSourceFile(types)
  const module = file && checker.getSymbolAtLocation(file)
  if (file === undefined || module === undefined)
    throw new Error(`${types} is not a module; run npm run build`)
  const exported = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1))
  const sections = exported.map(symbol => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const home = homes.get(target)
    if (home !== undefined)
      return `## ${symbol.name}\n\nSee [\`${home}\`](${fileOf(home)}#${anchor(symbol.name)}).`
    homes.set(target, name)
    return section(symbol.name, target, checker)
  })
  const about = aboutModule(file)
  return `# ${[`\`${name}\``, intro, ...(about === '' ? [] : [about]), ...sections].join('\n\n')}\n`
}

const anchor = (/** @type {string} */ name) => name.toLowerCase()

/**
 * @param {string} name
 * @param {ts.Symbol} symbol
 * @param {ts.TypeChecker} checker
 */
function section(name, symbol, checker) {
  const said = plain(ts.displayPartsToString(symbol.getDocumentationComment(checker)))
  const examples = symbol
    .getJsDocTags(checker)
    .filter(tag => tag.name === 'example')
    .map(tag => `\`\`\`ts\n${ts.displayPartsToString(tag.text).trim()}\n\`\`\``)
  const code = (symbol.declarations ?? []).map(print).join('\n\n')
  return [`## ${name}`, ...(said === '' ? [] : [said]), `\`\`\`ts\n${code}\n\`\`\``, ...examples].join('\n\n')
}

/**
 * A declaration with the comments of its members. Its own comment is above the code already.
 * @param {ts.Declaration} node
 */
function print(node) {
  const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const file = node.getSourceFile()
  const shown = ts.transform(statement, [withoutPrivates]).transformed[0] ?? statement
  const text = printer.printNode(ts.EmitHint.Unspecified, shown, file)
  return text.replace(/^(\s*\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*)+/, '').replace(/^export declare /gm, 'export ')
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

/**
 * What the comment at the top of a file says of the whole.
 * @param {ts.SourceFile} file
 */
function aboutModule(file) {
  const [first] = file.statements
  if (first === undefined || !(ts.isExportDeclaration(first) || ts.isImportDeclaration(first))) return ''
  const [comment] = ts.getLeadingCommentRanges(file.text, first.pos) ?? []
  const text = comment === undefined ? '' : file.text.slice(comment.pos, comment.end)
  return text.startsWith('/**') ? plain(text.replace(/^\/\*\*|\*\/$/g, '').replace(/^\s*\* ?/gm, '')) : ''
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(/\{@link (\w+)[^}]*\}/g, '`$1`')
    .replace(/\\(?=\n)/g, '')
    .trim()
}
