/**
 * `npm run check`: everything that CI runs, in the same order. Steps that do not depend on each other run two at a time;
 * what a step printed is shown only when it failed. `--skip a,b` leaves steps out, `--only a,b` runs only those.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

/** Each inner list may run side by side; the lists run one after another. `show`: its output is worth reading. */
const stages = [
  [
    { name: 'install-bench', run: 'node scripts/install-bench.js' },
    // Examples and benchmarks import headrace by its name: lint and types read what is built.
    { name: 'build', run: 'npm run --silent build' },
  ],
  [
    { name: 'format', run: 'npm run --silent format:check' },
    { name: 'lint', run: 'npm run --silent lint' },
    { name: 'types', run: 'npm run --silent types' },
    { name: 'imports', run: 'npm run --silent imports' },
    { name: 'dead', run: 'npm run --silent dead' },
    { name: 'readme', run: 'npm run --silent readme' },
  ],
  [
    { name: 'api', run: 'npm run --silent api' },
    { name: 'generated', run: 'npm run --silent generated' },
    { name: 'bundle', run: 'npm run --silent bundle', show: true },
  ],
  [{ name: 'test', run: 'npm test', show: true }],
  [{ name: 'examples', run: 'npm start', show: true }],
  [{ name: 'bench', run: 'npm run --silent bench -- --quick' }],
  [{ name: 'pack', run: 'npm run --silent pack:test' }],
]

const { values } = parseArgs({ options: { skip: { type: 'string' }, only: { type: 'string' } } })
const chosen = selection(values)
const failed = []
for (const stage of stages) {
  const steps = stage.filter(step => chosen(step.name))
  failed.push(...(await sideBySide(steps, availableParallelism())))
}
if (failed.length > 0) {
  console.log(`check: failed: ${failed.join(', ')}`)
  process.exitCode = 1
} else {
  console.log('check: all passed')
}

/** @param {{ skip?: string, only?: string }} options */
function selection({ skip, only }) {
  const names = stages.flat().map(step => step.name)
  const listed = (only ?? skip ?? '').split(',').filter(name => name !== '')
  const unknown = listed.filter(name => !names.includes(name))
  if (unknown.length > 0)
    throw new Error(`check: no step ${unknown.join(', ')}; there are ${names.join(', ')}`)
  return (/** @type {string} */ name) => (only === undefined ? !listed.includes(name) : listed.includes(name))
}

/**
 * The names of the steps that failed.
 * @param {{ name: string, run: string, show?: boolean }[]} steps
 * @param {number} atOnce
 * @returns {Promise<string[]>}
 */
async function sideBySide(steps, atOnce) {
  const waiting = [...steps]
  /** @type {string[]} */
  const failures = []
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await passes(step))) failures.push(step.name)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return failures
}

/**
 * @param {{ name: string, run: string, show?: boolean }} step
 * @returns {Promise<boolean>}
 */
async function passes({ name, run, show = false }) {
  const started = performance.now()
  const child = spawn(run, {
    shell: true,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
  })
  let output = ''
  child.stdout?.on('data', chunk => (output += String(chunk)))
  child.stderr?.on('data', chunk => (output += String(chunk)))
  /** @type {number | null} */
  const code = await new Promise(done => child.on('close', done))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`check: ${name} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
  if (code !== 0 && !show) console.log(output.trimEnd())
  return code === 0
}
