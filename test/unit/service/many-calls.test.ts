import { afterEach, expect, test } from 'vitest'
import { createService, type Service } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { http } from 'headrace/adapters/transport/http'
import type { Registry } from 'headrace/streams'

const hubs = { registry: createRegistryHub(), broker: createBrokerHub() }
const services: Service[] = []
afterEach(async () => void (await Promise.all(services.splice(0).map(each => each.close({ lingerMs: 0 })))))

function make(name: string, registry: Registry): Service {
  const service = createService({
    name,
    argv: [],
    env: {},
    log: false,
    address: '127.0.0.1:0',
    registry,
    transport: http(),
    broker: memoryBroker({ hub: hubs.broker }),
  })
  services.push(service)
  return service
}

/** Counts what is asked of a registry. */
function counting(registry: Registry) {
  const asked: string[] = []
  const counted: Registry = {
    name: registry.name,
    events: registry.events,
    register: (service, options) => registry.register(service, options),
    deregister: service => registry.deregister(service),
    close: () => registry.close(),
    lookup: name => {
      asked.push(`lookup ${name}`)
      return registry.lookup(name)
    },
    list: () => registry.list(),
    watch: name => {
      asked.push(`watch ${name}`)
      return registry.watch(name)
    },
  }
  return { asked, counted }
}

test('10,000 calls started in one turn before any connection exists: one look-up, one connection to each node', async () => {
  for (let n = 0; n < 3; n += 1) {
    const server = make('many', memoryRegistry({ hub: hubs.registry }))
    server.handle({ Many: { Who: () => ({ node: server.id }) } })
    await server.start()
  }
  const { asked, counted } = counting(memoryRegistry({ hub: hubs.registry }))
  const many = make('caller', counted).client('many')
  const calls = Array.from({ length: 10_000 }, () =>
    many.call<{ node: string }>('Many.Who', {}, { timeoutMs: 20_000 }),
  )
  const answers = await Promise.all(calls)
  const nodes = new Set(answers.map(({ node }) => node))
  expect(answers).toHaveLength(10_000)
  expect(nodes.size).toBe(3)
  expect(asked).toEqual(['watch many'])
  const connections = services.slice(0, 3).map(({ stats }) => {
    let seen: number | undefined
    stats.subscribe(({ server }) => (seen = server?.connections)).unsubscribe()
    return seen
  })
  expect(connections).toEqual([1, 1, 1])
})
