import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { wellKnownFiles, wellKnownSource } from '../../src/codegen/load/well-known-sources.js'

/** The program: one on the PATH, or what scripts/install-protoc.sh has unpacked; `undefined` where there is none. */
function findProtoc(): string | undefined {
  if (spawnSync('protoc', ['--version'], { stdio: 'ignore' }).status === 0) return 'protoc'
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const unpacked = join(cache, 'headrace', 'protoc', 'protoc')
  return existsSync(unpacked) ? unpacked : undefined
}

const program = findProtoc()

/** Why the tests with the real protoc are skipped here, or `undefined` when they run. With CI=true a missing protoc fails them instead. */
export const noProtoc =
  program === undefined && process.env['CI'] !== 'true'
    ? 'there is no protoc on the PATH; bash scripts/install-protoc.sh fetches one'
    : undefined

/** protoc with the well-known files in a folder of its own. */
export interface Protoc {
  /** What `--<name>_out` of a plugin writes, by file name. `plugin` is a program. */
  pluginOutput(plugin: string, roots: readonly string[], files: readonly string[]): string
  /** Message text to bytes. */
  encode(root: string, file: string, type: string, text: string): Uint8Array
  /** Bytes to message text. */
  decode(root: string, file: string, type: string, bytes: Uint8Array): string
  /** What protoc says to a file that is wrong. */
  complaint(root: string, file: string): string
  /** Removes its folder. */
  close(): void
}

/** Prepares a protoc. */
export function openProtoc(): Protoc {
  if (program === undefined) throw new Error('no protoc: run bash scripts/install-protoc.sh')
  const folder = mkdtempSync(join(tmpdir(), 'headrace-protoc-'))
  const included = join(folder, 'include')
  for (const file of wellKnownFiles) {
    place(join(included, file), path => writeFileSync(path, wellKnownSource(file) ?? ''))
  }
  const descriptor = 'google/protobuf/descriptor.proto'
  place(join(included, descriptor), path => {
    // protobufjs has it in a form of its own, which protoc does not read.
    const text = readFileSync(join('node_modules/protobufjs', descriptor), 'utf8')
    writeFileSync(
      path,
      text
        .replace(/^ *reserved .*;$/gm, '')
        .replace(/(?:, )?\[?retention=[^\]]*\]/g, found => (found.startsWith(',') ? ']' : '')),
    )
  })
  const run = (args: readonly string[], input: string | Uint8Array = '') =>
    execFileSync(program, [...args], { input, maxBuffer: 2 ** 26, stdio: ['pipe', 'pipe', 'pipe'] })
  return {
    pluginOutput(plugin, roots, files) {
      const out = mkdtempSync(join(folder, 'out-'))
      const start = join(folder, 'protoc-gen-tested')
      writeFileSync(start, `#!/bin/sh\nexec "${process.execPath}" "${resolve(plugin)}"\n`)
      chmodSync(start, 0o755)
      const includes = [...roots, included].map(root => `-I${root}`)
      run([`--plugin=protoc-gen-tested=${start}`, `--tested_out=${out}`, ...includes, ...files])
      return out
    },
    encode: (root, file, type, text) => run([`-I${root}`, `-I${included}`, `--encode=${type}`, file], text),
    decode: (root, file, type, bytes) =>
      run([`-I${root}`, `-I${included}`, `--decode=${type}`, file], bytes).toString(),
    complaint(root, file) {
      const args = [`-I${root}`, `-I${included}`, '-o/dev/null', file]
      return spawnSync(program, args, { encoding: 'utf8' }).stderr
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function place(path: string, write: (path: string) => void): void {
  mkdirSync(dirname(path), { recursive: true })
  write(path)
}
