import type { Effort, Numbers } from '../measurement.js'
import type { OwnMeasurement } from '../own/own.js'
import { start } from '../scenarios/footprint.js'
import type { Scenario } from '../scenarios/scenario.js'
import { Pair } from './pair.js'
import { Samples } from './samples.js'

/** What to measure. */
export interface Plan {
  /** By name. */
  readonly peers: readonly string[]
  readonly scenarios: readonly Scenario[]
  readonly own: readonly OwnMeasurement[]
  readonly rounds: number
  readonly effort: Effort
  /** For the Node of every process of a pair. */
  readonly nodeArgs: readonly string[]
  /** Hears of each step. */
  readonly progress: (line: string) => void
}

/**
 * Measures everything, in rounds: each round measures every scenario on every peer once, peers side by side and in another order each
 * time, so that what the machine does meanwhile falls on all of them alike. What needs new processes comes first, while there are no others: the idle ones of a peer that
 * asks its neighbours would wake up for each question.
 */
export async function measureAll(plan: Plan): Promise<Samples> {
  const samples = new Samples()
  const alone = { ...plan, scenarios: plan.scenarios.filter(scenario => isAlone(scenario, plan)) }
  const beside = { ...plan, scenarios: plan.scenarios.filter(scenario => !isAlone(scenario, plan)), own: [] }
  await measureRounds(alone, new Map(), samples)
  const shared = await startShared(beside)
  try {
    await warmUp(beside, shared)
    await measureRounds(beside, shared, samples)
  } finally {
    for (const pair of shared.values()) await pair.end()
  }
  return samples
}

/** Whether it gets processes of its own. To show that it runs, it does not need them. */
function isAlone({ fresh = false }: Scenario, { effort }: Plan): boolean {
  return fresh && effort === 'full'
}

async function measureRounds(plan: Plan, shared: ReadonlyMap<string, Pair>, samples: Samples): Promise<void> {
  for (let round = 0; round < plan.rounds; round += 1) {
    plan.progress(`round ${round + 1} of ${plan.rounds}`)
    for (const scenario of plan.scenarios.filter(({ rounds = round + 1 }) => round < rounds)) {
      for (const peer of rotated(plan.peers, round)) {
        const numbers = await measureOne(peer, scenario, plan, shared)
        if (numbers !== undefined) samples.add(scenario.name, peer, numbers)
      }
    }
    for (const measurement of plan.own) {
      for (const [row, numbers] of await measurement.run(plan.effort)) {
        samples.add(measurement.name, row, numbers)
      }
    }
  }
}

async function startShared({ peers, scenarios, nodeArgs }: Plan): Promise<ReadonlyMap<string, Pair>> {
  const pairs = new Map<string, Pair>()
  if (scenarios.length === 0) return pairs
  for (const peer of peers) pairs.set(peer, await Pair.start(peer, nodeArgs))
  return pairs
}

/** A round that does not count: the compiler has seen everything before the first that does. */
async function warmUp(
  { scenarios, effort, progress }: Plan,
  shared: ReadonlyMap<string, Pair>,
): Promise<void> {
  progress('warm-up')
  for (const scenario of scenarios) {
    if (scenario.fresh === true) continue
    for (const pair of shared.values()) await pair.measure(scenario, scenario.size[effort])
  }
}

async function measureOne(
  peer: string,
  scenario: Scenario,
  plan: Plan,
  shared: ReadonlyMap<string, Pair>,
): Promise<Numbers | undefined> {
  const { effort } = plan
  try {
    if (isAlone(scenario, plan)) return await measureFresh(peer, scenario, plan)
    const pair = shared.get(peer)
    // It was idle while the others had their turns, and has to find its memory again.
    if (effort === 'full') await pair?.measure(scenario, scenario.size.quick)
    return await pair?.measure(scenario, scenario.size[effort])
  } catch (cause) {
    throw new Error(`${scenario.name} of ${peer}: ${(cause as Error).message}`, { cause })
  }
}

async function measureFresh(peer: string, scenario: Scenario, { effort, nodeArgs }: Plan) {
  const pair = await Pair.start(peer, nodeArgs)
  try {
    const first = scenario === start ? { firstMs: await pair.firstAnswer(scenario) } : {}
    const numbers = await pair.measure(scenario, scenario.size[effort])
    return numbers && { ...numbers, ...first }
  } finally {
    await pair.end()
  }
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % Math.max(1, list.length)
  return [...list.slice(start), ...list.slice(0, start)]
}
