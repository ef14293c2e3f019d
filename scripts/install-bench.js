/**
 * Installs what bench/ compares with, from its own lock file, unless that is done already, and puts it and what else they read beside the
 * compiled benchmarks in build/bench. The package itself has none of it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

const lock = readFileSync('bench/package-lock.json', 'utf8')
const installed = 'bench/node_modules/.installed-lock.json'

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  // Install scripts of the peers only print advice.
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', 'bench', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    },
  )
  if (status !== 0) throw new Error(`npm ci in bench ended with exit code ${String(status)}`)
  writeFileSync(installed, lock)
}
mkdirSync('build/bench', { recursive: true })
if (!existsSync('build/bench/node_modules')) {
  symlinkSync(resolve('bench/node_modules'), 'build/bench/node_modules', 'junction')
}
cpSync('bench/bench.proto', 'build/bench/bench.proto')
