import { firstValueFrom, lastValueFrom } from 'rxjs'
import { afterEach, expect, it } from 'vitest'
import { createRegistryHub, memory } from 'headrace/adapters/registry/memory'
import type { Registry, ServiceRecord } from 'headrace/streams'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const greeter: ServiceRecord = {
  name: 'greeter',
  version: '1.0.0',
  metadata: {},
  endpoints: [],
  nodes: [{ id: 'greeter-1', address: '127.0.0.1:18080', metadata: { zone: 'a' } }],
}

const open: Registry[] = []
function handle(options?: Parameters<typeof memory>[0]): Registry {
  const registry = memory(options)
  open.push(registry)
  return registry
}
afterEach(() => Promise.all(open.splice(0).map(registry => registry.close())))

const done = (operation: ReturnType<Registry['register']>) =>
  lastValueFrom(operation, { defaultValue: undefined })

it('answers in a later microtask, never inside subscribe', async () => {
  const events: string[] = []
  handle()
    .list()
    .subscribe(() => events.push('answer'))
  events.push('subscribed')
  await settle(1)
  expect(events).toEqual(['subscribed', 'answer'])
})

it('takes its registrations out when it is closed, and no others', async () => {
  const hub = createRegistryHub()
  const [one, other] = [handle({ hub }), handle({ hub })]
  await done(one.register(greeter))
  await done(
    other.register({ ...greeter, nodes: [{ id: 'greeter-2', address: '127.0.0.1:18081', metadata: {} }] }),
  )
  await one.close()
  const [record] = await firstValueFrom(other.lookup('greeter'))
  expect(record?.nodes.map(node => node.id)).toEqual(['greeter-2'])
})

it('leaves no timer behind when a registration is taken out before its time', async () => {
  const clock = new VirtualClock()
  const registry = handle({ clock })
  await done(registry.register(greeter, { ttlMs: 1_000 }))
  expect(clock.pending).toBe(1)
  await done(registry.deregister(greeter))
  expect(clock.pending).toBe(0)
})

it('loses and regains its hub', async () => {
  const hub = createRegistryHub()
  const registry = handle({ hub })
  await done(registry.register(greeter))
  const seen: string[] = []
  const follow = () =>
    registry
      .watch()
      .subscribe({ next: event => seen.push(event.kind), error: error => seen.push(error.kind) })
  follow()
  await settle()
  hub.disconnect()
  await expect(firstValueFrom(registry.lookup('greeter'))).rejects.toMatchObject({ kind: 'unavailable' })
  hub.reconnect()
  follow()
  await settle()
  expect(seen).toEqual(['reset', 'unavailable', 'reset'])
})

it('refuses what no registry can hold', async () => {
  const registry = handle()
  for (const broken of [
    { ...greeter, name: '' },
    { ...greeter, version: '' },
    { ...greeter, nodes: [] },
    { ...greeter, nodes: [{ id: '', address: 'x', metadata: {} }] },
    { ...greeter, nodes: [{ id: 'x', address: '', metadata: {} }] },
    { ...greeter, nodes: [...greeter.nodes, ...greeter.nodes] },
  ]) {
    await expect(done(registry.register(broken))).rejects.toMatchObject({ kind: 'bad_request' })
  }
  await expect(done(registry.register(greeter, { ttlMs: 0 }))).rejects.toMatchObject({ kind: 'bad_request' })
})
