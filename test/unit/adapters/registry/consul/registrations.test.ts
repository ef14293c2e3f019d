import { lastValueFrom, type Observable } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { consul, type ConsulOptions } from 'headrace/adapters/registry/consul'
import type { AdapterEvent, ServiceRecord } from 'headrace/streams'
import {
  fakeConsul,
  type FakeAnswer,
  type FakeConsul,
  type FakeHandler,
} from '../../../../support/fake-consul.js'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

const done = (operation: Observable<never>) => lastValueFrom(operation, { defaultValue: undefined })
const node = (id: string, address = '127.0.0.1:1') => ({ id, address, metadata: {} })
const service: ServiceRecord = { name: 'w', version: '1', metadata: {}, endpoints: [], nodes: [node('a')] }
const ttlMs = 30_000

async function agent(handler: FakeHandler = () => ({})) {
  const fake = await fakeConsul(handler)
  opened.push(fake)
  return fake
}

function registry(options: ConsulOptions) {
  const made = consul(options)
  opened.push(made)
  return made
}

/** What was asked, without the common beginning. */
const asked = ({ requests }: FakeConsul) => requests.map(({ path }) => path.replace('/v1/agent/', ''))
const full = ['service/register', 'check/pass/service:a']

describe('registering again', () => {
  it('without changes only passes the check', async () => {
    const fake = await agent()
    const here = registry({ addresses: [fake.address] })
    for (let beat = 0; beat < 3; beat += 1) await done(here.register(service, { ttlMs }))
    expect(asked(fake)).toEqual([...full, 'check/pass/service:a', 'check/pass/service:a'])
  })

  it('without a time to live registers again', async () => {
    const fake = await agent()
    const here = registry({ addresses: [fake.address] })
    for (let beat = 0; beat < 2; beat += 1) await done(here.register(service))
    expect(asked(fake)).toEqual(['service/register', 'service/register'])
  })

  it.each([
    ['address', { ...service, nodes: [node('a', '127.0.0.1:2')] }, ttlMs],
    ['version', { ...service, version: '2' }, ttlMs],
    ['time to live', service, ttlMs * 2],
  ])('with another %s registers in full', async (_, changed, changedTtl) => {
    const fake = await agent()
    const here = registry({ addresses: [fake.address] })
    await done(here.register(service, { ttlMs }))
    await done(here.register(changed, { ttlMs: changedTtl }))
    expect(asked(fake)).toEqual([...full, ...full])
  })

  it('registers in full when the agent does not know the check any more', async () => {
    let lost = false
    const unknown: FakeAnswer = { status: 500, body: 'CheckID "service:a" does not have associated TTL' }
    const fake = await agent(({ path }) => {
      if (path.includes('register')) lost = false
      return lost ? unknown : {}
    })
    const here = registry({ addresses: [fake.address] })
    await done(here.register(service, { ttlMs }))
    lost = true
    await done(here.register(service, { ttlMs }))
    expect(asked(fake)).toEqual([...full, 'check/pass/service:a', ...full])
  })

  it('registers in full at another agent, and passes there from then on', async () => {
    const [first, second] = [await agent(), await agent()]
    const here = registry({ addresses: [first.address, second.address] })
    await done(here.register(service, { ttlMs }))
    await first.close()
    for (let beat = 0; beat < 2; beat += 1) await done(here.register(service, { ttlMs }))
    expect(asked(second)).toEqual([...full, 'check/pass/service:a'])
    // That the first agent is gone is told, and keeps nobody from the second.
    await expect(done(here.deregister(service))).rejects.toMatchObject({ kind: 'unavailable' })
    expect(asked(second).at(-1)).toBe('service/deregister/a')
  })

  it('registers each node of a service', async () => {
    const fake = await agent()
    const two = { ...service, nodes: [node('a'), node('b', '[::1]:7'), node('c', 'host')] }
    await done(registry({ addresses: [fake.address] }).register(two))
    expect(fake.requests.map(({ body }) => body)).toMatchObject([
      { ID: 'a', Address: '127.0.0.1', Port: 1 },
      { ID: 'b', Address: '::1', Port: 7 },
      { ID: 'c', Address: 'host', Port: 0 },
    ])
  })

  it('refuses an address that is none', async () => {
    const fake = await agent()
    const wrong = { ...service, nodes: [node('a', 'host:port')] }
    const registering = done(registry({ addresses: [fake.address] }).register(wrong))
    await expect(registering).rejects.toMatchObject({ kind: 'bad_request' })
    expect(fake.requests).toEqual([])
  })
})

describe('deregistering', () => {
  it('goes to every agent that was told of the node', async () => {
    const trouble = new Set<FakeConsul>()
    const answer = (self: () => FakeConsul) => (): FakeAnswer =>
      trouble.has(self()) ? { status: 500, body: 'No cluster leader' } : {}
    const first: FakeConsul = await agent(answer(() => first))
    const second = await agent()
    const here = registry({ addresses: [first.address, second.address] })
    await done(here.register(service))
    trouble.add(first)
    await done(here.register(service))
    trouble.delete(first)
    await done(here.deregister(service))
    expect(asked(first).at(-1)).toBe('service/deregister/a')
    expect(asked(second).at(-1)).toBe('service/deregister/a')
  })

  it('what a newer agent does not know is no error', async () => {
    const fake = await agent(() => ({ status: 404, body: 'Unknown service ID "a"' }))
    await done(registry({ addresses: [fake.address] }).deregister(service))
    expect(asked(fake)).toEqual(['service/deregister/a'])
  })

  it('the old name of a node leaves the node under its new name alone', async () => {
    const fake = await agent()
    const here = registry({ addresses: [fake.address] })
    await done(here.register(service))
    await done(here.register({ ...service, name: 'renamed' }))
    await done(here.deregister(service))
    expect(asked(fake)).toEqual(['service/register', 'service/register'])
  })

  it('is done by close for what is left, and a failure is told', async () => {
    let gone = false
    const fake = await agent(() => (gone ? { status: 500, body: 'No cluster leader' } : {}))
    const here = registry({ addresses: [fake.address] })
    const events: AdapterEvent[] = []
    here.events.subscribe(event => events.push(event))
    await done(here.register({ ...service, nodes: [node('a'), node('b')] }))
    await done(here.deregister(service))
    gone = true
    await here.close()
    expect(asked(fake).slice(2)).toEqual(['service/deregister/a', 'service/deregister/b'])
    expect(events).toMatchObject([
      { kind: 'notice', text: expect.stringContaining('node b stays') as string },
    ])
  })
})
