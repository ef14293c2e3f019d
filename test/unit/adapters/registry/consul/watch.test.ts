import { afterEach, describe, expect, it } from 'vitest'
import { consul, type ConsulOptions } from 'headrace/adapters/registry/consul'
import type { RegistryEvent } from 'headrace/streams'
import { FakeState, fakeConsul, healthEntry, type FakeHandler } from '../../../../support/fake-consul.js'
import { VirtualClock, settle } from '../../../../support/virtual-clock.js'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function agent(handler: FakeHandler) {
  const fake = await fakeConsul(handler)
  opened.push(fake)
  return fake
}

/** A watch: what it told, in short, and how it ended. */
function watch(options: ConsulOptions, name?: string) {
  const registry = consul(options)
  opened.push(registry)
  const told: string[] = []
  let ended: unknown
  const subscription = registry.watch(name).subscribe({
    next: event => told.push(short(event)),
    error: (error: unknown) => (ended = error),
    complete: () => (ended = 'complete'),
  })
  return { told, subscription, ended: () => ended }
}

function short(event: RegistryEvent): string {
  const services = event.kind === 'reset' ? event.services : [event.service]
  return [event.kind, ...services.flatMap(({ nodes }) => nodes.map(({ id }) => id))].join(' ')
}

const [a, b, c] = ['a', 'b', 'c'].map(id => healthEntry('w', id))
const blocking = (requests: readonly { readonly query: Readonly<Record<string, string>> }[]) =>
  requests.map(({ query }) => query['index'])

describe.each([
  { whose: 'one service', name: 'w' },
  { whose: 'all services', name: undefined },
])('a watch of $whose', ({ name }) => {
  it('tells all there is, then what changes', async () => {
    const state = new FakeState()
    state.set('w', [a, b])
    const { address } = await agent(state.handler)
    const { told } = watch({ addresses: [address] }, name)
    await expect.poll(() => told).toEqual(['reset a b'])
    state.set('w', [b, healthEntry('w', 'c', { port: 9 })])
    await expect.poll(() => told).toEqual(['reset a b', 'delete a', 'create c'])
    state.set('w', [b, c])
    await expect.poll(() => told).toEqual(['reset a b', 'delete a', 'create c', 'update c'])
  })

  it('is silent when the state moves and nothing has changed', async () => {
    const state = new FakeState()
    state.set('w', [a])
    const { address, requests } = await agent(state.handler)
    const { told } = watch({ addresses: [address], maxPauseMs: 1 }, name)
    await expect.poll(() => told).toEqual(['reset a'])
    const before = requests.length
    for (let move = 0; move < 5; move += 1) {
      state.set('w', [a])
      await expect.poll(() => requests.length).toBeGreaterThan(before + move)
    }
    state.set('w', [a, b])
    await expect.poll(() => told).toEqual(['reset a', 'create b'])
  })

  it('takes an index that goes backwards for a gap, and blocks again after it', async () => {
    const state = new FakeState()
    state.set('w', [a], 1_000)
    const { address } = await agent(state.handler)
    const { told } = watch({ addresses: [address], maxPauseMs: 1 }, name)
    await expect.poll(() => told).toEqual(['reset a'])
    state.set('w', [b], 5)
    await expect.poll(() => told).toEqual(['reset a', 'reset b'])
    state.set('w', [b, c], 6)
    await expect.poll(() => told).toEqual(['reset a', 'reset b', 'create c'])
  })

  it('ends with unavailable when its agent is lost, and never tells that nodes are gone', async () => {
    const state = new FakeState()
    state.set('w', [a])
    const fake = await agent(state.handler)
    const { told, ended } = watch({ addresses: [fake.address] }, name)
    await expect.poll(() => told).toEqual(['reset a'])
    await fake.close()
    await expect.poll(ended).toMatchObject({ kind: 'unavailable' })
    expect(told).toEqual(['reset a'])
  })

  it('goes on at the next agent, with a reset only for what has changed meanwhile', async () => {
    const [one, two] = [new FakeState(), new FakeState()]
    for (const state of [one, two]) state.set('w', [a])
    const [first, second] = [await agent(one.handler), await agent(two.handler)]
    const { told, ended } = watch({ addresses: [first.address, second.address], maxPauseMs: 1 }, name)
    await expect.poll(() => told).toEqual(['reset a'])
    await first.close()
    await expect.poll(() => blocking(second.requests)).toContain(String(two.index))
    expect(told).toEqual(['reset a'])
    two.set('w', [a, b])
    await expect.poll(() => told).toEqual(['reset a', 'create b'])
    expect(ended()).toBeUndefined()
  })

  it('closes its connections when it is unsubscribed', async () => {
    const state = new FakeState()
    const fake = await agent(state.handler)
    const { told, subscription } = watch({ addresses: [fake.address] }, name)
    await expect.poll(() => told).toEqual(['reset'])
    await expect.poll(() => fake.connections).toBeGreaterThan(0)
    subscription.unsubscribe()
    await expect.poll(() => fake.connections).toBe(0)
  })

  it('ends with resource_exhausted when there are more nodes than it may hold', async () => {
    const state = new FakeState()
    state.set('w', [a, b])
    const { address } = await agent(state.handler)
    const { ended } = watch({ addresses: [address], maxNodes: 1 }, name)
    await expect.poll(ended).toMatchObject({ kind: 'resource_exhausted' })
  })
})

describe('a blocking query', () => {
  it('gives a hanging agent the time that it was asked to wait, a sixteenth more, and the timeout', async () => {
    const clock = new VirtualClock()
    const fake = await agent(({ query }) =>
      query['index'] === undefined ? { body: [a] } : new Promise(() => undefined),
    )
    const options = { addresses: [fake.address], clock, waitMs: 16_000, timeoutMs: 500, maxPauseMs: 0 }
    const { told, ended } = watch(options, 'w')
    await fake.asked(2)
    expect(fake.requests[1]?.query).toMatchObject({ index: '1', wait: '16s' })
    clock.advance(17_499)
    await settle()
    expect(ended()).toBeUndefined()
    clock.advance(1)
    await expect.poll(ended).toMatchObject({ kind: 'unavailable' })
    expect(told).toEqual(['reset a'])
  })

  it('pauses longer and longer with an agent that answers at once and has nothing new', async () => {
    const clock = new VirtualClock([0.999])
    const fake = await agent(() => ({ body: [a] }))
    watch({ addresses: [fake.address], clock, maxPauseMs: 400 }, 'w')
    // The first answer is news, the second is not: from then on pauses of 25, 50, 100, 200, 400, 400 …
    for (const [already, pauseMs] of [25, 50, 100, 200, 400, 400].entries()) {
      await fake.asked(2 + already)
      await expect.poll(() => fake.connections).toBe(0)
      await settle()
      clock.advance(pauseMs * 0.99)
      await settle()
      expect(fake.requests.length).toBe(2 + already)
      clock.advance(pauseMs * 0.02)
    }
  })

  it('an agent without an index is polled', async () => {
    const clock = new VirtualClock()
    let entries = [a]
    const fake = await agent(() => ({ headers: {}, body: entries }))
    const { told } = watch({ addresses: [fake.address], clock, maxPauseMs: 100 }, 'w')
    await fake.asked(2)
    entries = [a, b]
    for (let round = 0; round < 8; round += 1) {
      await settle(30)
      clock.advance(100)
    }
    await expect.poll(() => told).toEqual(['reset a', 'create b'])
    expect(blocking(fake.requests).every(index => index === undefined)).toBe(true)
  })
})
