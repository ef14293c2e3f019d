/**
 * The files that `headrace gen` writes are committed: without arguments this fails when one is not what its `.proto` gives now; `--write` writes them.
 */
import { parseArgs } from 'node:util'
import { generate } from '../dist/codegen/generate.js'

/** Each with the directories that its imports are looked for in. */
const sources = [
  { files: ['bench/bench.proto'] },
  { files: ['examples/greeter/greeter.proto'] },
  { files: ['examples/booking/booking.proto'] },
  { files: ['templates/proto/src/greeter.proto'] },
  {
    files: ['everything', 'legacy', 'extending', 'names'].map(name => `test/fixtures/proto/${name}.proto`),
    includeDirectories: ['test/fixtures/proto'],
  },
]

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
for (const options of sources) {
  const { files } = await generate({ ...options, check: !values.write })
  for (const { path, source, state } of files) {
    if (state === 'written') console.log(`${path} was written`)
    if (state !== 'stale') continue
    console.error(`${path} is not what ${source} gives; run npm run build && npm run generated:write`)
    process.exitCode = 1
  }
}
