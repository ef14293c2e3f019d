import { randomUUID } from 'node:crypto'
import { lastValueFrom, type Observable } from 'rxjs'
import { expect, it } from 'vitest'
import { mdns } from 'headrace/adapters/registry/mdns'
import type { ServiceRecord } from 'headrace/streams'

const cycles = 1_000
const done = (operation: Observable<never>) => lastValueFrom(operation, { defaultValue: undefined })
const handles = () =>
  process.getActiveResourcesInfo().filter(resource => /udp|timeout/i.test(resource)).length

it(
  '1,000 registrations, changes and departures leave no socket, no timer and no memory behind',
  { timeout: 120_000 },
  async () => {
    const before = handles()
    const registry = mdns({ interface: '127.0.0.1' })
    const name = `churn-${randomUUID()}`
    const heaps: number[] = []
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await done(registry.register(record(name, 'one'), { ttlMs: 5_000 }))
      await done(registry.register(record(name, 'two'), { ttlMs: 5_000 }))
      await done(registry.deregister(record(name, 'two')))
      await new Promise(resolve => setImmediate(resolve)) // sends complete at once: let the timers have their turn
      if (cycle % (cycles / 10) === cycles / 10 - 1) {
        globalThis.gc?.()
        heaps.push(process.memoryUsage().heapUsed)
      }
    }
    await registry.close()
    await expect.poll(handles).toBeLessThanOrEqual(before)
    expect((heaps.at(-1) ?? 0) - (heaps[0] ?? 0)).toBeLessThan(1_048_576)
  },
)

function record(name: string, label: string): ServiceRecord {
  const nodes = [{ id: `${name}-1`, address: '127.0.0.1:80', metadata: { label } }]
  return { name, version: '1', metadata: {}, endpoints: [], nodes }
}
