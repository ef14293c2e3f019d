import { readFileSync } from 'node:fs'

/**
 * The main file of rxjs loads two hundred others, which takes longer than everything else in the start of a service. So the bundle gets what it imports from
 * rxjs from a file that loads those alone which have it. They are files of the same package, so a user's `rxjs` is the same copy.
 *
 * The file is CommonJS as they are: Node takes longer to import fifty such files into modules than to require a hundred of them.
 * @param {readonly string[]} modules that import it
 * @returns {{ name: string, text: string, plugin: import('esbuild').Plugin }}
 */
export function rxjsParts(modules) {
  const name = 'rxjs.cjs'
  const names = importedNames(modules)
  const files = filesOfNames()
  const parts = names.map(each => {
    const file = files.get(each)
    if (file === undefined) throw new Error(`bundle: rxjs has no ${each}`)
    return `exports.${each} = require('rxjs/${file}').${each}`
  })
  const module = `import parts from './${name}'\nexport const { ${names.join(', ')} } = parts`
  return {
    name,
    text: `${parts.join('\n')}\n`,
    plugin: {
      name: 'rxjs parts',
      setup(builder) {
        builder.onResolve({ filter: /^rxjs$/ }, () => ({ path: 'rxjs', namespace: 'rxjs' }))
        builder.onLoad({ filter: /.*/, namespace: 'rxjs' }, () => ({ contents: module }))
        builder.onResolve({ filter: /.*/, namespace: 'rxjs' }, ({ path }) => ({ path, external: true }))
      },
    },
  }
}

/**
 * What modules import from rxjs.
 * @param {readonly string[]} modules
 */
function importedNames(modules) {
  const names = modules.flatMap(file => {
    const imports = readFileSync(file, 'utf8').matchAll(/^import \{(.*)\} from 'rxjs';$/gm)
    return [...imports].flatMap(([, listed = '']) => listed.split(','))
  })
  return [...new Set(names.map(each => each.trim().split(' as ')[0] ?? ''))]
    .filter(each => each !== '')
    .sort()
}

/**
 * Which file of rxjs has what, as its index says.
 * @returns {ReadonlyMap<string, string>}
 */
function filesOfNames() {
  const index = readFileSync('node_modules/rxjs/dist/esm/index.js', 'utf8')
  const lines = [...index.matchAll(/^export \{(.*)\} from '\.\/(.*)';$/gm)]
  return new Map(
    lines.flatMap(([, names = '', file = '']) => names.split(',').map(each => [each.trim(), file])),
  )
}
