/**
 * Prints, for each strategy, the nanoseconds of one pick and of its report from 10, 1,000 and 10,000 nodes, with a version filter that half of
 * the nodes pass, one of them ejected. For own/pick.ts.
 */
import { byVersion, powerOfTwo, random, roundRobin, type Strategy } from 'headrace'
import { createRegistryCache, createSelector } from 'headrace/actors'
import { createRegistryHub, memory } from 'headrace/adapters/registry/memory'
import { ServiceError, type Selector, type ServiceNode } from 'headrace/streams'

/** Nanoseconds of a pick and of a report. */
interface Nanos {
  readonly pick: number
  readonly report: number
}

/** A selector that knows one service of many nodes. */
interface Service {
  readonly selector: Selector
  end(): Promise<void>
}

const options = { filter: byVersion('2') }
const times = Number(process.argv[2])
const none: Nanos = { pick: Number.NaN, report: Number.NaN }
const strategies: Readonly<Record<string, () => Strategy>> = {
  random,
  'round robin': roundRobin,
  'power of two': powerOfTwo,
}

const sizes = [10, 1_000, 10_000] as const

// The compiler sees every strategy at every size before the first is timed: otherwise those that come first are compiled for one list alone.
const services = new Map<string, Service[]>()
for (const [name, strategy] of Object.entries(strategies)) {
  const ofStrategy: Service[] = []
  for (const size of sizes) ofStrategy.push(await serviceOf(strategy, size))
  services.set(name, ofStrategy)
}
for (const { selector } of [...services.values()].flat()) pickAndReport(selector, times)

const result: Record<string, Record<string, number>> = {}
for (const [name, ofStrategy] of services) {
  const [few = none, many = none, most = none] = ofStrategy.map(timed)
  result[name] = {
    of10: few.pick,
    of1000: many.pick,
    of10000: most.pick,
    growth: most.pick / few.pick,
    reportOf10: few.report,
    reportOf10000: most.report,
  }
}
console.log(JSON.stringify(result))
for (const { end } of [...services.values()].flat()) await end()

async function serviceOf(strategy: () => Strategy, size: number): Promise<Service> {
  const registry = memory({ hub: createRegistryHub() })
  const cache = createRegistryCache({ registry })
  const selector = createSelector({ cache, strategy: strategy() })
  for (const version of ['1', '2']) {
    const nodes = Array.from({ length: size / 2 }, (_, index) => ({
      id: `service-${version}-${index}`,
      address: `10.${version}.${index >> 8}.${index & 255}:8080`,
      metadata: {},
    }))
    const record = { name: 'service', version, metadata: {}, endpoints: [], nodes }
    await new Promise<void>((resolve, reject) => {
      registry.register(record).subscribe({ error: reject, complete: resolve })
    })
  }
  const first = await new Promise<ServiceNode>((resolve, reject) => {
    selector.select('service', options).subscribe({ next: resolve, error: reject })
  })
  selector.report(first, undefined, new ServiceError('unavailable', 'gone'))
  const end = async () => {
    await selector.close()
    await cache.close()
    await registry.close()
  }
  return { selector, end }
}

/** The median of some runs, because the machine has other work, too. */
function timed({ selector }: Service): Nanos {
  const runs = Array.from({ length: 11 }, () => pickAndReport(selector, times / 11))
  const median = (key: keyof Nanos) => runs.map(run => run[key]).sort((a, b) => a - b)[5] ?? Number.NaN
  return { pick: median('pick'), report: median('report') }
}

/** 64 picks, then their reports, and so on: timed apart. */
function pickAndReport(selector: Selector, count: number): Nanos {
  const underWay: ServiceNode[] = []
  let [picking, reporting] = [0, 0]
  for (let picked = 0; picked < count; picked += 64) {
    const began = performance.now()
    for (let each = 0; each < 64; each += 1) underWay[each] = selector.pick('service', options) as ServiceNode
    const then = performance.now()
    for (let each = 0; each < 64; each += 1) selector.report(underWay[each] as ServiceNode, 1)
    picking += then - began
    reporting += performance.now() - then
  }
  const done = Math.ceil(count / 64) * 64
  return { pick: (picking * 1e6) / done, report: (reporting * 1e6) / done }
}
