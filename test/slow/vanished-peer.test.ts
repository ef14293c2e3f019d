import { NEVER, finalize, lastValueFrom } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import { createService, serverStream, type Service, type ServiceError } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { http } from 'headrace/adapters/transport/http'
import { startSilencingProxy, type SilencingProxy } from '../support/silencing-proxy.js'

const hubs = { registry: createRegistryHub(), broker: createBrokerHub() }
const services: Service[] = []
const proxies: SilencingProxy[] = []
afterEach(async () => {
  await Promise.all(services.splice(0).map(each => each.close({ lingerMs: 0, timeoutMs: 0 })))
  await Promise.all(proxies.splice(0).map(proxy => proxy.close()))
})

function make(name: string, hub = hubs.registry): Service {
  const service = createService({
    name,
    argv: [],
    env: {},
    log: false,
    address: '127.0.0.1:0',
    registry: memoryRegistry({ hub }),
    transport: http(),
    broker: memoryBroker({ hub: hubs.broker }),
  })
  services.push(service)
  return service
}

test('a peer that vanishes fails every pending call and stream within the deadline of the pings, at both ends', async () => {
  let running = 0
  const server = make('far', createRegistryHub())
  server.handle({
    Far: {
      Here: () => ({}),
      // Until nobody waits for it any more.
      Wait: () => {
        running += 1
        return NEVER.pipe(finalize(() => (running -= 1)))
      },
      Stream: serverStream(() => {
        running += 1
        return NEVER.pipe(finalize(() => (running -= 1)))
      }),
    },
  })
  await server.start()
  const proxy = await startSilencingProxy(server.address ?? '')
  proxies.push(proxy)
  // The record says the address of the proxy, so that all goes through it.
  const node = { id: 'far-1', address: proxy.address, metadata: { headrace: 'mux/1' } }
  const record = { name: 'far', version: '1', metadata: {}, endpoints: [], nodes: [node] }
  const registry = memoryRegistry({ hub: hubs.registry })
  await lastValueFrom(registry.register(record), { defaultValue: undefined })
  const far = make('near').client('far')
  await far.call('Far.Here')

  const outcomes: Promise<string>[] = []
  const kindOf = (error: unknown) => (error as ServiceError).kind
  for (let n = 0; n < 200; n += 1) {
    outcomes.push(far.call('Far.Wait', {}, { timeoutMs: 60_000 }).then(() => 'answered', kindOf))
  }
  for (let n = 0; n < 20; n += 1) {
    outcomes.push(lastValueFrom(far.stream('Far.Stream', [{}])).then(() => 'ended', kindOf))
  }
  while (running < 220) await new Promise(resolve => setTimeout(resolve, 10))
  proxy.silence()
  const started = performance.now()
  const kinds = await Promise.all(outcomes)
  const ms = performance.now() - started
  console.log(
    `${kinds.length} pending calls and streams failed ${ms.toFixed(0)} ms after their peer had vanished`,
  )
  expect(new Set(kinds)).toEqual(new Set(['unavailable']))
  expect(ms).toBeLessThan(13_000)
  while (running > 0) await new Promise(resolve => setTimeout(resolve, 10))
  console.log(`the last handler ended after ${(performance.now() - started).toFixed(0)} ms`)
  expect(performance.now() - started).toBeLessThan(13_000)
  await registry.close()
}, 40_000)
