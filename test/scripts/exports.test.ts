import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Target {
  readonly types: string
  readonly default: string
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, Target | string>
}
const code = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Target] => typeof entry[1] === 'object',
)

/** A folder of src/adapters that is no kind of adapter: what several transports and brokers share. */
const shared = ['mux']

it('lists each adapter in package.json, and none of their parts', () => {
  const adapters = readdirSync('src/adapters', { withFileTypes: true })
    .filter(kind => kind.isDirectory() && !shared.includes(kind.name))
    .flatMap(kind => readdirSync(`src/adapters/${kind.name}`).map(file => `${kind.name}/${file}`))
    .filter(file => file.endsWith('.ts'))
    .map(file => `./adapters/${file.replace('.ts', '')}`)
  const listed = code.map(([path]) => path).filter(path => path.startsWith('./adapters/'))
  expect(listed.sort()).toEqual(adapters.sort())
})

it('names for each sub-path a file that the build makes, with its types', () => {
  const made = code.map(([path, target]) => {
    const file = target.default.replace('./dist/', '').replace(/\.js$/, '.ts')
    const source = file.startsWith('conformance/') ? `test/${file}` : `src/${file}`
    return { path, source: existsSync(source), types: target.types }
  })
  expect(made).toEqual(
    code.map(([path, target]) => ({ path, source: true, types: target.default.replace(/\.js$/, '.d.ts') })),
  )
})
