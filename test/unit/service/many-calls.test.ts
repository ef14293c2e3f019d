import { tap, type Observable } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { createService, type ServiceOptions } from 'headrace'
import { memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { http } from 'headrace/adapters/transport/http'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import type { Link, Registry, Transport } from 'headrace/streams'

interface Counts {
  watches: number
  lookups: number
  dials: number
}

function countedRegistry(registry: Registry, counts: Counts): Registry {
  return Object.assign(Object.create(registry) as Registry, {
    watch: (name?: string) => registry.watch(name).pipe(tap({ subscribe: () => (counts.watches += 1) })),
    lookup: (name: string) => registry.lookup(name).pipe(tap({ subscribe: () => (counts.lookups += 1) })),
  })
}

function countedTransport(transport: Transport, counts: Counts): Transport {
  return Object.assign(Object.create(transport) as Transport, {
    dial: (address: string): Observable<Link> =>
      transport.dial(address).pipe(tap({ subscribe: () => (counts.dials += 1) })),
  })
}

const hub = createTransportHub()
const transports: Readonly<Record<string, () => Transport>> = {
  memory: () => memoryTransport({ hub }),
  'memory, eight calls on a link': () => memoryTransport({ hub, callsPerLink: 8 }),
  http: () => http(),
}

describe('10,000 calls in one turn, before there is a connection', () => {
  test.each(Object.keys(transports))('all succeed over %s, with one look-up and few dials', async name => {
    const make = transports[name] as () => Transport
    const registryHub = createRegistryHub()
    const counts: Counts = { watches: 0, lookups: 0, dials: 0 }
    const common = { argv: [], env: {}, log: false, address: '127.0.0.1:0' } satisfies Partial<ServiceOptions>
    const server = createService({
      ...common,
      name: 'echo',
      registry: memoryRegistry({ hub: registryHub }),
      transport: make(),
      broker: memoryBroker(),
    })
    server.handle({ Echo: { Say: ({ n }: { n: number }) => ({ n }) } })
    await server.start()
    const client = createService({
      ...common,
      name: 'caller',
      registry: countedRegistry(memoryRegistry({ hub: registryHub }), counts),
      transport: countedTransport(make(), counts),
      broker: memoryBroker(),
      maxConnectionsPerNode: 16,
      timeoutMs: 15_000,
    })
    const echo = client.client('echo')
    const calls = Array.from({ length: 10_000 }, (_, n) =>
      echo.call<{ n: number }>('Echo.Say', { n }).then(answer => answer.n),
    )
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 10_000 }, (_, n) => n))
    expect(counts.watches + counts.lookups).toBe(1)
    expect(counts.dials).toBeGreaterThan(0)
    expect(counts.dials).toBeLessThanOrEqual(16)
    await Promise.all([client.close(), server.close()])
  })
})
