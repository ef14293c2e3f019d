import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs'
import { afterEach, describe, expect, it, test } from 'vitest'
import { consul } from 'headrace/adapters/registry/consul'
import type { Registry, RegistryEvent, ServiceRecord } from 'headrace/streams'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import { readHealthyNodes, readServiceNames } from '../../../src/wire/consul/agent-answers.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import {
  FakeState,
  fakeConsul,
  healthEntry,
  readSeen,
  type FakeConsul,
  type SeenRequest,
} from '../../support/fake-consul.js'
import { serviceFromGo, type GoService } from '../../support/go-records.js'
import { bytesOf, vector } from '../../support/vectors.js'
import { settle } from '../../support/virtual-clock.js'

const file = '2017-consul-http'
const compression = zlibCompression('consul', 65_536)
const reader = { compression, onFault: (error: Error) => expect.fail(error.message) }
const done = (operation: Observable<never>) => lastValueFrom(operation, { defaultValue: undefined })

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

/** The requests of a capture, and what the agent answered to each. */
function captured(name: string) {
  const pieces = (vector(file, name).segments ?? []).map(segment => {
    const [head = '', body = ''] = bytesOf(segment).toString().split('\r\n\r\n')
    return { isRequest: segment.dir === 'client>server', head, body }
  })
  const requests = pieces.filter(({ isRequest }) => isRequest)
  return {
    requests: requests.map(({ head, body }) => {
      const [method = '', target = ''] = head.split(' ')
      return normal(readSeen(method, target, body))
    }),
    answers: pieces.filter(({ isRequest }) => !isRequest).map(({ body }) => body),
  }
}

// Headers are the library's. For Consul an empty note is none, a null is nothing, and the order of keys says nothing; tags are compared after inflating.
function normal({ method, path, query, body }: SeenRequest): unknown {
  const { note, ...others } = query
  const fields = Object.entries((body ?? {}) as Record<string, unknown>).filter(([, value]) => value !== null)
  const { Tags: tags, ...rest } = Object.fromEntries(fields)
  const texts = ((tags ?? []) as readonly string[]).map(tag => {
    const text = Buffer.from(compression.inflate(Buffer.from(tag.slice(2), 'hex'))).toString()
    return `${tag.slice(0, 2)}${text}`
  })
  return { method, path, query: { ...others, ...(note ? { note } : {}) }, body: rest, tags: texts }
}

/** A registry at an agent that answers as the captures of `names` do, one after the other. */
async function replay(...names: readonly string[]): Promise<{ registry: Registry; agent: FakeConsul }> {
  const answers = names.flatMap(name => captured(name).answers)
  const agent = await fakeConsul(() => ({ body: parsed(answers.shift() ?? 'no answer is left') }))
  const registry = consul({ addresses: [agent.address] })
  opened.push(agent)
  return { registry, agent }
}

const parsed = (body: string): unknown => (body === '' ? undefined : (JSON.parse(body) as unknown))

/** What the captured program has registered, read from the capture of its look-up. */
const { services } = vector(file, 'get').json as { readonly services: readonly GoService[] }
const withFoo = serviceFromGo(services[0] ?? expect.fail('the capture has no service'))
const plain: ServiceRecord = {
  ...withFoo,
  nodes: withFoo.nodes.map(node => ({ ...node, metadata: { transport: 'http' } })),
}
const inGoOrder: ServiceRecord = {
  ...withFoo,
  nodes: withFoo.nodes.map(node => ({ ...node, metadata: { transport: 'http', foo: 'bar' } })),
}

describe('the requests of go-micro 2017 to Consul', () => {
  test('register-no-ttl, deregister', async () => {
    const { registry, agent } = await replay('register-no-ttl', 'deregister')
    await done(registry.register(plain))
    await done(registry.deregister(plain))
    expect(agent.requests.map(normal)).toEqual([
      ...captured('register-no-ttl').requests,
      ...captured('deregister').requests,
    ])
  })

  test('register-ttl-30s, register-again, register-ttl-2m', async () => {
    const names = ['register-ttl-30s', 'register-again', 'register-ttl-2m'] as const
    const { registry, agent } = await replay(...names)
    await done(registry.register(plain, { ttlMs: 30_000 }))
    await done(registry.register(plain, { ttlMs: 30_000 }))
    await done(registry.register(inGoOrder, { ttlMs: 120_000 }))
    expect(agent.requests.map(normal)).toEqual(names.flatMap(name => captured(name).requests))
  })

  test('get', async () => {
    const { registry, agent } = await replay('get')
    expect(await firstValueFrom(registry.lookup(withFoo.name))).toEqual([withFoo])
    expect(agent.requests.map(normal)).toEqual(captured('get').requests)
  })

  test('get-unknown', async () => {
    const { registry, agent } = await replay('get-unknown')
    expect(await firstValueFrom(registry.lookup('nope'))).toEqual([])
    expect(agent.requests.map(normal)).toEqual(captured('get-unknown').requests)
  })

  test('list', async () => {
    const { registry, agent } = await replay('list')
    const go = vector(file, 'list').json as { readonly services: readonly { readonly name: string }[] }
    expect(deliberateDifferences[`${file}/list`]).toBeDefined()
    expect(await firstValueFrom(registry.list())).toEqual(
      go.services.map(({ name }) => name).filter(name => name !== 'consul'),
    )
    expect(agent.requests.map(normal)).toEqual(captured('list').requests)
  })
})

describe('the bodies that a Consul agent answered', () => {
  test('health-service-body', () => {
    const nodes = readHealthyNodes(vector(file, 'health-service-body').json, withFoo.name, reader)
    expect(nodes).toMatchObject([
      {
        name: 'go.micro.srv.greeter',
        version: '1.0.0',
        nodes: [
          {
            id: 'go.micro.srv.greeter-1aa23c76-e6a8-11f1-b348-baab40be883e',
            address: '127.0.0.1:40343',
            metadata: { broker: 'http', registry: 'consul', server: 'rpc', transport: 'http' },
          },
        ],
      },
    ])
    expect(nodes[0]?.endpoints.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Greeter.Hello', 'Greeter.Stream', 'Greeter.Void']),
    )
  })

  test('catalog-services-body', () => {
    expect(deliberateDifferences[`${file}/catalog-services-body`]).toBeDefined()
    expect(readServiceNames(vector(file, 'catalog-services-body').json)).toEqual([
      'go.micro.srv.greeter',
      'topic:events',
    ])
  })
})

type GoEvent = { readonly action: 'create' | 'update' | 'delete'; readonly service: GoService }

/** What there is after each step of the capture: versions of `w` with the ids of their nodes. */
function goStates(name: string): readonly string[] {
  const versions = new Map<string, ReadonlySet<string>>()
  const states: string[] = []
  for (const entry of vector(file, name).json as readonly (GoEvent | string)[]) {
    if (typeof entry === 'string') states.push(shown(versions))
    else if (entry.service.name === 'w') foldGo(versions, entry)
  }
  return [...states, shown(versions)]
}

function foldGo(versions: Map<string, ReadonlySet<string>>, { action, service }: GoEvent): void {
  const ids = (service.nodes ?? []).map(({ id }) => id)
  if (ids.length === 0) {
    if (action === 'delete') versions.clear()
  } else if (action !== 'delete') versions.set(service.version, new Set(ids))
  else {
    const left = [...(versions.get(service.version) ?? [])].filter(id => !ids.includes(id))
    if (left.length === 0) versions.delete(service.version)
    else versions.set(service.version, new Set(left))
  }
}

const shown = (versions: ReadonlyMap<string, ReadonlySet<string>>) =>
  [...versions]
    .map(([version, ids]) => `${version}: ${[...ids].sort().join(' ')}`)
    .sort()
    .join(', ')

/** The same for our events. */
function fold(versions: Map<string, ReadonlySet<string>>, event: RegistryEvent): void {
  if (event.kind === 'reset') {
    versions.clear()
    for (const { version, nodes } of event.services) versions.set(version, new Set(nodes.map(({ id }) => id)))
    return
  }
  const { version, nodes } = event.service
  const ids = new Set(versions.get(version))
  for (const { id } of nodes) {
    if (event.kind === 'delete') ids.delete(id)
    else ids.add(id)
  }
  if (ids.size === 0) versions.delete(version)
  else versions.set(version, ids)
}

describe('the watch', () => {
  const a = healthEntry('w', 'a', { port: 1 })
  const b = healthEntry('w', 'b', { port: 2 })
  const c = healthEntry('w', 'c', { version: '2', port: 3 })
  /** What the steps of the capture leave. */
  const steps = [[a], [a, b], [a, b, c], [b, c], [b], []]

  it.each([
    { whose: 'of one service', of: 'w' },
    { whose: 'of all services', of: undefined },
  ])('$whose sees what the watch of Go sees: watch-events', async ({ of }) => {
    const name = 'watch-events'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const state = new FakeState()
    const agent = await fakeConsul(state.handler)
    const registry = consul({ addresses: [agent.address], maxPauseMs: 0 })
    opened.push(agent, registry)
    const events: RegistryEvent[] = []
    const versions = new Map<string, ReadonlySet<string>>()
    registry.watch(of).subscribe(event => {
      events.push(event)
      fold(versions, event)
    })
    const states: string[] = []
    await until(() => events.length > 0)
    states.push(shown(versions))
    for (const entries of steps) {
      const before = events.length
      state.set('w', entries)
      await until(() => events.length > before)
      states.push(shown(versions))
    }
    expect(states).toEqual(goStates(name))
    expect(events.map(({ kind }) => kind)).toEqual([
      'reset',
      ...['create', 'create', 'create', 'delete', 'delete', 'delete'],
    ])
  })
})

async function until(fits: () => boolean): Promise<void> {
  for (let round = 0; !fits(); round += 1) {
    if (round > 5_000) throw new Error('waited in vain')
    await settle(1)
  }
}
