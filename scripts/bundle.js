import { rmSync } from 'node:fs'
import { build } from 'esbuild'
import { entryPoints } from './entry-points.js'

/** Where the bundled entry points are. Chunks lie flat in it, two folders below the package as `src/cli/package-root.ts` is, which reads the package's files. */
const folder = 'dist/node'

/**
 * Puts the entry points that have a `node` condition, and the command, together into few files: Node takes longer to find and read two
 * hundred modules than to run them. All share the same chunks, so that a class or a table of one is that of all; packages stay outside.
 */
export async function bundleForNode() {
  rmSync(folder, { recursive: true, force: true })
  await build({
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
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'error',
  })
}

/** @param {string} node */
function nameOf(node) {
  return node.slice(`./${folder}/`.length).replace(/\.js$/, '')
}
