/**
 * `npm run bench`: measures this project beside its peers and writes bench/RESULTS.md.
 *
 *     npm run bench -- --quick                       shows in seconds that everything runs; writes nothing
 *     npm run bench -- --rounds 9 --out FILE
 *     npm run bench -- --profile DIR                 leaves a CPU profile of every process there
 *     npm run bench -- --scenarios calls-64,pick --peers headrace-protobuf,raw
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Effort } from './measurement.js'
import { own } from './own.js'
import { peers } from './peers.js'
import { measureAll, type Plan } from './run/measure.js'
import { report } from './run/report.js'
import { scenarios } from './scenarios.js'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    scenarios: { type: 'string' },
    peers: { type: 'string' },
    out: { type: 'string' },
    profile: { type: 'string' },
  },
})

const effort: Effort = values.quick ? 'quick' : 'full'
const names = [...scenarios, ...own].map(({ name }) => name)
const isWanted = selection(values.scenarios, names)
const isPeer = selection(values.peers, Object.keys(peers))
const plan: Plan = {
  peers: await present(Object.keys(peers).filter(isPeer)),
  scenarios: scenarios.filter(({ name }) => isWanted(name)),
  own: own.filter(({ name }) => isWanted(name)),
  rounds: roundsOf(values.rounds ?? (effort === 'quick' ? '1' : '5')),
  effort,
  nodeArgs: values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  progress: line => console.error(`bench: ${line}`),
}

const samples = await measureAll(plan)
const text = await report(
  plan,
  samples,
  ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(' '),
)
console.log(text)
const whole = effort === 'full' && values.scenarios === undefined && values.peers === undefined
const out = values.out ?? (whole ? 'bench/RESULTS.md' : undefined)
if (out !== undefined) writeFileSync(out, text)

function selection(listed: string | undefined, known: readonly string[]): (name: string) => boolean {
  if (listed === undefined) return () => true
  const chosen = listed.split(',')
  const unknown = chosen.filter(name => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`bench: there is no ${unknown.join(', ')}; there are ${known.join(', ')}`)
  }
  return name => chosen.includes(name)
}

/** Those that can run here; of the others it says why not. */
async function present(chosen: readonly string[]): Promise<readonly string[]> {
  const reasons = await Promise.all(chosen.map(async name => (await peers[name]?.())?.missing?.()))
  chosen.forEach((name, place) => {
    if (reasons[place] !== undefined) console.error(`bench: left out ${name}: ${reasons[place]}`)
  })
  return chosen.filter((_, place) => reasons[place] === undefined)
}

function roundsOf(given: string): number {
  if (!/^[1-9][0-9]*$/.test(given)) throw new Error(`bench: --rounds ${given} is not a number from 1 on`)
  return Number(given)
}
