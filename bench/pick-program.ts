/** Prints, for each strategy, the nanoseconds of one pick with its report from 10, 1,000 and 10,000 nodes. For own/pick.ts. */
import { powerOfTwo, random, roundRobin, type Strategy } from 'headrace'
import { createRegistryCache, createSelector } from 'headrace/actors'
import { createRegistryHub, memory } from 'headrace/adapters/registry/memory'
import type { Selector, ServiceNode } from 'headrace/streams'

const times = Number(process.argv[2])
const strategies: Readonly<Record<string, () => Strategy>> = {
  random,
  'round robin': roundRobin,
  'power of two': powerOfTwo,
}

const result: Record<string, Record<string, number>> = {}
for (const [name, strategy] of Object.entries(strategies)) {
  const few = await nanosOf(strategy, 10)
  const many = await nanosOf(strategy, 1_000)
  const most = await nanosOf(strategy, 10_000)
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

/** Nanoseconds of a pick and of a report. */
interface Nanos {
  pick: number
  report: number
}

async function nanosOf(strategy: () => Strategy, nodes: number): Promise<Nanos> {
  const registry = memory({ hub: createRegistryHub() })
  const cache = createRegistryCache({ registry })
  const selector = createSelector({ cache, strategy: strategy() })
  const addresses = Array.from({ length: nodes }, (_, index) => ({
    id: `service-${index}`,
    address: `10.0.${index >> 8}.${index & 255}:8080`,
    metadata: {},
  }))
  const record = { name: 'service', version: '1', metadata: {}, endpoints: [], nodes: addresses }
  await new Promise<void>((resolve, reject) => {
    registry.register(record).subscribe({ error: reject, complete: resolve })
  })
  const first = await new Promise<ServiceNode>((resolve, reject) => {
    selector.select('service').subscribe({ next: resolve, error: reject })
  })
  selector.report(first, 1)
  pickAndReport(selector, times) // the compiler has seen it before it is timed
  const nanos = pickAndReport(selector, times)
  await selector.close()
  await cache.close()
  await registry.close()
  return nanos
}

/** 64 picks, then their reports, and so on: timed apart. */
function pickAndReport(selector: Selector, count: number): Nanos {
  const underWay: ServiceNode[] = []
  let [picking, reporting] = [0, 0]
  for (let picked = 0; picked < count; picked += 64) {
    const began = performance.now()
    for (let each = 0; each < 64; each += 1) underWay[each] = selector.pick('service') as ServiceNode
    const then = performance.now()
    for (let each = 0; each < 64; each += 1) selector.report(underWay[each] as ServiceNode, 1)
    picking += then - began
    reporting += performance.now() - then
  }
  return { pick: (picking * 1e6) / count, report: (reporting * 1e6) / count }
}
