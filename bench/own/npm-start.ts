import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Numbers } from '../measurement.js'
import type { OwnMeasurement } from './own.js'
import { resultOf } from './program.js'

/** What `npm start` runs, and a service with everything at its default. */
export const npmStart: OwnMeasurement = {
  name: 'npm-start',
  title:
    'From the start of `npm start`’s processes to `Hello John`, and from the first line of a program to a service that is ready, Node’s own start not counted',
  rowTitle: 'program',
  metrics: [
    { key: 'helloMs', title: 'Hello John ms' },
    { key: 'importsMs', title: 'imports ms' },
    { key: 'readyMs', title: 'ready ms' },
  ],
  async run() {
    return new Map([
      ['npm start', { helloMs: await helloMs() }],
      ['service, mdns and http', (await resultOf('ready-program', [])) as Numbers],
    ])
  },
}

async function helloMs(): Promise<number> {
  const program = fileURLToPath(new URL('../../examples/start.js', import.meta.url))
  const began = performance.now()
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let helloAfter: number | undefined
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.endsWith('Hello John')) helloAfter ??= performance.now() - began
  })
  await ended
  if (helloAfter === undefined) throw new Error('npm start ended without Hello John')
  return helloAfter
}
