/**
 * What `tsc -b` leaves to do: output whose source is gone is removed, the entry points are bundled for Node, the command is made executable, and what the examples read at run time is put
 * beside their compiled files, where it is beside the sources too.
 */
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bundleForNode } from './bundle.js'

prune('dist', ['src', 'test'])
await bundleForNode()
for (const program of ['dist/node/command.js', 'dist/codegen/protoc-gen-headrace.js'])
  if (existsSync(program)) chmodSync(program, 0o755)
prune('build/examples', ['examples'])
cpSync('examples', 'build/examples', {
  recursive: true,
  filter: path => statSync(path).isDirectory() || path.endsWith('.proto'),
})

/**
 * @param {string} output
 * @param {string[]} sources
 */
function prune(output, sources) {
  if (!existsSync(output)) return
  for (const file of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
    const [stem] = file.split(/\.(?:js|d\.ts)(?:\.map)?$/)
    if (stem === undefined || stem === file) continue
    if (!sources.some(folder => existsSync(join(folder, `${stem}.ts`)))) rmSync(join(output, file))
  }
}
