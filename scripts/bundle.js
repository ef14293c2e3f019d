import { rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { entryPoints } from './entry-points.js'
import { rxjsParts } from './rxjs-parts.js'

/** Where the bundled entry points are. Chunks lie flat in it, two folders below the package as `src/cli/package-root.ts` is, which reads the package's files. */
const folder = 'dist/node'

/** What is loaded when it is chosen. */
const ofItsOwn = /^dist\/(cli|codegen|adapters\/(broker|registry|transport))\//

/**
 * Puts the entry points that have a `node` condition, and the command, together into few files: Node takes longer to find and read two
 * hundred modules than to run them. All share the same chunks, so that a class or a table of one is that of all; packages stay outside.
 */
export async function bundleForNode() {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await bundle([], { write: false })
  const rxjs = rxjsParts(Object.keys(metafile.inputs))
  const common = commonCode(commonFiles(metafile), beginningsOf(metafile))
  await bundle([rxjs.plugin, common], { write: true })
  writeFileSync(join(folder, rxjs.name), rxjs.text)
}

/**
 * @param {import('esbuild').Plugin[]} plugins
 * @param {{ write: boolean }} options
 */
function bundle(plugins, { write }) {
  return build({
    entryPoints: {
      ...Object.fromEntries(
        entryPoints().flatMap(({ file, node }) => (node === undefined ? [] : [[nameOf(node), file]])),
      ),
      command: 'dist/cli/main.js',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: write,
    sourcesContent: false,
    logLevel: 'error',
    metafile: true,
    write,
    plugins,
  })
}

/**
 * The files that a service and its adapters have in common: esbuild makes a chunk for each set of entry points that share something, thirty of them. Left out are
 * the adapters, and what needs a package: who does not use it must not load it.
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]}
 */
function commonFiles({ inputs, outputs }) {
  /** @type {Map<string, boolean>} */
  const needs = new Map()
  const needsPackage = (/** @type {string} */ file) => {
    const known = needs.get(file)
    if (known !== undefined) return known
    needs.set(file, false) // in a circle, the others decide
    const imports = inputs[file]?.imports ?? []
    const found = imports.some(({ path, kind, external }) =>
      external === true
        ? !path.startsWith('node:') && path !== 'rxjs'
        : kind === 'import-statement' && needsPackage(path),
    )
    needs.set(file, found)
    return found
  }
  const shared = Object.entries(outputs).filter(([, { entryPoint }]) => entryPoint === undefined)
  return shared
    .flatMap(([, chunk]) => Object.keys(chunk.inputs))
    .filter(file => file.startsWith('dist/') && !ofItsOwn.test(file) && !needsPackage(file))
}

/**
 * Makes every file that is loaded by itself begin with these, so that they become one chunk.
 * @param {readonly string[]} files
 * @param {ReadonlySet<string>} beginnings
 * @returns {import('esbuild').Plugin}
 */
function commonCode(files, beginnings) {
  const contents = files.map(file => `import ${JSON.stringify(resolve(file))}`).join('\n')
  return {
    name: 'common code',
    setup(builder) {
      builder.onResolve({ filter: /^common:code$/ }, ({ path }) => ({
        path,
        namespace: 'common',
        sideEffects: true,
      }))
      builder.onLoad({ filter: /.*/, namespace: 'common' }, () => ({ contents, resolveDir: resolve('.') }))
      builder.onLoad({ filter: /\.js$/ }, async ({ path }) => {
        if (!beginnings.has(path)) return undefined
        const text = await readFile(path, 'utf8')
        return { contents: text.replace(/^(#!.*\n)?/, start => `${start}import 'common:code';`) }
      })
    },
  }
}

/**
 * The files of entry points, and of those that are imported when they are needed.
 * @param {import('esbuild').Metafile} metafile
 * @returns {ReadonlySet<string>}
 */
function beginningsOf({ outputs }) {
  const entries = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? [])
  return new Set(entries.map(file => resolve(file)))
}

/** @param {string} node */
function nameOf(node) {
  return node.slice(`./${folder}/`.length).replace(/\.js$/, '')
}
