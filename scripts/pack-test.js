/**
 * Packs the package as it would be published, checks its shape with publint and attw, installs it in an empty folder
 * and uses it there: every sub-path is imported, test/pack/consumer.ts is compiled against its types and run, and a service is made with `headrace new`.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { entryPoints } from './entry-points.js'
import { scaffold } from './pack-scaffold.js'
import { run } from './run-command.js'

/** @typedef {{ filename: string, entryCount: number, size: number }} Packed */
/** @typedef {{ compilerOptions: Record<string, unknown> }} Settings */

const folder = mkdtempSync(join(tmpdir(), 'headrace-pack-'))
try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function main() {
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder])
  const [{ filename, entryCount, size }] = /** @type {[Packed]} */ (JSON.parse(packed))
  const tarball = join(folder, filename)
  console.log(`packed ${filename}: ${entryCount} files, ${Math.ceil(size / 1024)} KiB`)
  checkShape(tarball)
  installInto(folder, tarball)
  importEverything(folder)
  compileAndRun(folder)
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  await scaffold(empty, tarball)
  console.log('the packed package works in an empty folder')
}

/** @param {string} tarball */
function checkShape(tarball) {
  const entries = entryPoints().map(entry => entry.name.replace(/^headrace/, '.'))
  run(bin('publint'), ['run', tarball, '--strict'])
  run(bin('attw'), [tarball, '--profile', 'esm-only', '--entrypoints', ...entries])
  console.log('publint and attw have no complaint')
}

/**
 * @param {string} consumer
 * @param {string} tarball
 */
function installInto(consumer, tarball) {
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], consumer)
}

/** @param {string} consumer */
function importEverything(consumer) {
  const names = entryPoints().map(entry => entry.name)
  const program = `
    import { createRequire } from 'node:module'
    const [packages, adapters] = [[], []]
    for (const name of ${JSON.stringify(names)}) (/\\/(adapters\\/|protobuf$)/.test(name) ? adapters : packages).push(name)
    await load(packages)
    const eager = Object.keys(createRequire(import.meta.url).cache).filter(file => /multicast-dns|protobufjs/.test(file))
    if (eager.length > 0) throw new Error('loaded without its adapter: ' + eager[0])
    await load(adapters)
    for (const name of ['headrace/dist/streams/index.js', 'headrace/streams/flow', 'headrace/adapters/node-error']) {
      const refused = await import(name).then(() => 'imported', error => error.code)
      if (refused !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw new Error(name + ': ' + refused)
    }
    async function load(names) {
      for (const name of names) {
        const found = Object.keys(await import(name))
        if (found.length === 0 || found.includes('default')) throw new Error(name + ' exports ' + (found.join() || 'nothing'))
      }
    }`
  writeFileSync(join(consumer, 'imports.js'), program)
  run('node', ['imports.js'], consumer)
  console.log(`imported ${names.length} entry points`)
}

/**
 * Compiles test/pack/consumer.ts and an import of everything against the packed types, then runs the program.
 * @param {string} consumer
 */
function compileAndRun(consumer) {
  // The types of the conformance suites name it; who uses the suites has it.
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', 'fast-check@^4'], consumer)
  const names = entryPoints().map(entry => entry.name)
  const imports = names.map((name, index) => `import * as entry${index} from '${name}'`)
  const uses = names.map((_, index) => `entry${index}`)
  writeFileSync(join(consumer, 'entries.ts'), `${imports.join('\n')}\nconsole.log(${uses.join(', ')})\n`)
  copyFileSync('test/pack/consumer.ts', join(consumer, 'consumer.ts'))
  const own = /** @type {Settings} */ (JSON.parse(readFileSync('tsconfig.json', 'utf8')))
  const { paths: _, ...strict } = own.compilerOptions
  const typeRoots = [resolve('node_modules/@types')]
  const compilerOptions = {
    ...strict,
    skipLibCheck: false,
    checkJs: false,
    allowJs: false,
    noEmit: false,
    typeRoots,
  }
  const files = ['entries.ts', 'consumer.ts']
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  run(bin('tsc'), ['-p', consumer])
  console.log('compiled a program against the packed types')
  const said = run('node', ['consumer.js'], consumer).trim()
  if (said !== 'Hello John')
    throw new Error(`the packed program said ${JSON.stringify(said)}, not "Hello John"`)
  console.log('ran it')
}

/** @param {string} name */
function bin(name) {
  return resolve('node_modules', '.bin', name)
}
