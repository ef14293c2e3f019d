/**
 * `npm run bundle`: what `headrace/browser` adds to a page, rxjs included, bundled and minified as a page would be, in bytes after gzip. Fails above the limits, and
 * for whatever no browser has: an import of Node anywhere below is an error of the bundler.
 */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const client = `export { createBrowserClient } from 'headrace/browser'`

const bundles = [
  { name: 'headrace/browser', limit: 35_000, source: client },
  // Most of what is added is protobufjs, which a bundler cannot take apart.
  {
    name: 'with headrace/protobuf',
    limit: 60_000,
    source: `${client}\nexport { protoFile } from 'headrace/protobuf'`,
  },
]

for (const { name, limit, source } of bundles) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  })
  const code = outputFiles[0]?.text ?? ''
  const bytes = gzipSync(code, { level: 9 }).length
  const isLean = bytes <= limit
  console.log(`${name}: ${bytes} bytes, at most ${limit}${isLean ? '' : ': TOO LARGE'}`)
  if (!isLean) process.exitCode = 1
  const ofNode = /\b(Buffer\.(from|alloc|concat)|process\.nextTick|setImmediate\()/.exec(
    code.replace(/typeof (Buffer|process|setImmediate)/g, ''),
  )
  if (ofNode !== null && name === 'headrace/browser') {
    console.log(`${name}: it uses ${ofNode[0]}, which no browser has`)
    process.exitCode = 1
  }
}
