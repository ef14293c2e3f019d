import { filter, firstValueFrom } from 'rxjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { noConsul, startConsul, type ConsulAgent } from './support/consul-agent.js'
import { callThroughOutage, consulService, idsAt } from './support/consul-mesh.js'

if (noConsul !== undefined) console.log(`services at a real Consul agent: skipped: ${noConsul}`)

describe.skipIf(noConsul !== undefined)('services at a real Consul agent', () => {
  let agent: ConsulAgent
  beforeAll(async () => {
    agent = await startConsul()
    return () => agent.stop()
  }, 40_000)

  it('find each other with --registry=consul, and leave nothing behind', async () => {
    const [one, other] = [consulService(agent, 'one'), consulService(agent, 'other')]
    await one.start()
    const nodes = await firstValueFrom(other.discover('one').pipe(filter(({ length }) => length === 1)))
    expect(nodes).toMatchObject([{ id: one.id, metadata: { registry: 'consul' } }])
    expect(await idsAt(agent)).toEqual([one.id])
    await Promise.all([one, other].map(service => service.close({ lingerMs: 0 })))
    expect(await idsAt(agent)).toEqual([])
  })

  it.each([
    ['restarted', 0],
    ['away for a while', 2_000],
  ])('call each other while the agent is %s', async (_, outageMs) => {
    const { calls, failures, nodes } = await callThroughOutage(agent, outageMs)
    expect(failures).toEqual([])
    expect(calls).toBeGreaterThan(100)
    // The list was filled once and never became shorter.
    expect(nodes.filter(length => length > 0)).toEqual([2])
    expect(nodes.at(-1)).toBe(2)
  })
})
