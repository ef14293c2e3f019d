import { afterEach, describe, expect, test } from 'vitest'
import { firstValueFrom, filter, map, toArray, take } from 'rxjs'
import { bidi, createService, serverStream, work, type Flow, type Service } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'

const open: Service[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(service => service.close()))
})

function network() {
  const hubs = { registry: createRegistryHub(), transport: createTransportHub(), broker: createBrokerHub() }
  return (name: string) => {
    const service = createService({
      name,
      argv: [],
      env: {},
      log: false,
      address: '127.0.0.1:0',
      registry: memoryRegistry({ hub: hubs.registry }),
      transport: memoryTransport({ hub: hubs.transport }),
      broker: memoryBroker({ hub: hubs.broker }),
    })
    open.push(service)
    return service
  }
}

describe('a greeter over memory', () => {
  test('answers a call', async () => {
    const make = network()
    const service = make('greeter')
    service.handle({ Greeter: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) } })
    await service.start()
    const reply = make('client')
      .client('greeter')
      .call<{ greeting: string }>('Greeter.Hello', { name: 'John' })
    expect(await reply).toEqual({ greeting: 'Hello John' })
  })

  test('streams both ways, and one way', async () => {
    const make = network()
    const service = make('greeter')
    service.handle({
      Greeter: {
        Stream: bidi((requests: Flow<{ count: number }>) =>
          requests.pipe(work(({ count }) => ({ count }), 2)),
        ),
        ServerStream: serverStream(function* ({ count }: { count: number }) {
          for (let n = 0; n < count; n += 1) yield { count: n }
        }),
      },
    })
    await service.start()
    const greeter = make('client').client('greeter')
    const counts: number[] = []
    for await (const { count } of greeter.stream<{ count: number }>('Greeter.Stream', [
      { count: 1 },
      { count: 2 },
    ])) {
      counts.push(count)
    }
    expect(counts).toEqual([1, 2])
    const items = greeter.stream<{ count: number }>('Greeter.ServerStream', [{ count: 3 }])
    expect(
      await firstValueFrom(
        items.pipe(
          map(({ count }) => count),
          toArray(),
        ),
      ),
    ).toEqual([0, 1, 2])
  })

  test('publishes and subscribes', async () => {
    const make = network()
    const service = make('greeter')
    const seen: unknown[] = []
    service.subscribe<{ message: string }>('events', event => void seen.push(event))
    await service.start()
    expect(await make('publisher').publish('events', { message: 'hi' })).toHaveLength(1)
    expect(seen).toEqual([{ message: 'hi' }])
  })

  test('is discovered', async () => {
    const make = network()
    const watcher = make('watcher')
    const found = firstValueFrom(
      watcher.discover('greeter').pipe(
        filter(nodes => nodes.length === 1),
        take(1),
      ),
    )
    const service = make('greeter')
    await service.start()
    expect((await found)[0]?.id).toBe(service.id)
  })
})
