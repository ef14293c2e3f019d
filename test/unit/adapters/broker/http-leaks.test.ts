import { firstValueFrom, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { http } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createBrokerHub, memory } from 'headrace/adapters/broker/memory'
import type { Broker } from 'headrace/streams'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

/** Subscribes twice, publishes, leaves once in the middle of a handler, and closes. */
async function cycle(subscriber: Broker, publisher: Broker): Promise<void> {
  const ready = (queue?: string) =>
    new Promise<() => void>(resolve => {
      const subscription = subscriber
        .subscribe('events', queue === undefined ? {} : { queue })
        .subscribe(event => {
          if (event.kind === 'subscribed') resolve(() => subscription.unsubscribe())
          else if (queue === undefined) event.delivery.ack()
        })
    })
  await ready()
  const leave = await ready('red')
  const message = { headers: {}, body: Buffer.from('hi') }
  const reports = firstValueFrom(publisher.publish('events', message).pipe(toArray()))
  publisher.publish('events', message).subscribe().unsubscribe()
  await settle()
  leave()
  await reports
  await Promise.all([subscriber.close(), publisher.close()])
}

/** The TCP sockets and listeners of this process; timers are those of the clock. */
const held = () => process.getActiveResourcesInfo().filter(kind => kind.startsWith('TCP'))

it('an http broker leaves no socket, no listener and no timer behind', async () => {
  const registry = memoryRegistry()
  const handle = (clock: VirtualClock) => http({ registry, address: '127.0.0.1:0', clock })
  const before = held()
  for (let turn = 0; turn < 10; turn += 1) {
    const clock = new VirtualClock()
    await cycle(handle(clock), handle(clock))
    expect(clock.pending).toBe(0)
  }
  for (let round = 0; held().length > before.length && round < 200; round += 1) await settle(1)
  expect(held()).toEqual(before)
  expect(await firstValueFrom(registry.list())).toEqual([])
  await registry.close()
})

it('a memory broker leaves no timer and no topic behind', async () => {
  const hub = createBrokerHub()
  for (let turn = 0; turn < 10; turn += 1) {
    const clock = new VirtualClock()
    await cycle(memory({ hub, clock }), memory({ hub, clock }))
    expect(clock.pending).toBe(0)
    expect(hub.groups('events')).toEqual([])
  }
})
