import { expect, it } from 'vitest'
import type { ServiceRecord } from 'headrace/streams'
import { NodeCache, type KnownNode } from '../../../../src/wire/mdns/node-cache.js'

const limits = { maxNodes: 3, maxCacheBytes: 1_000 }
const cacheOf = () => new NodeCache(limits, () => 0)

function node(
  id: string,
  { service = 'greeter', ttlSeconds = 100, bytes = 100, zone = 'a' } = {},
): KnownNode {
  const nodes = [{ id, address: '127.0.0.1:80', metadata: { zone } }]
  const record: ServiceRecord = { name: service, version: '1', metadata: {}, endpoints: [], nodes }
  return { instance: `${id}.${service}.local`, record, ttlSeconds, bytes }
}

it('asks for a silent node at 80, 90 and 95 percent of its life, then drops it', () => {
  const cache = cacheOf()
  cache.hear(node('a'), 0)
  const steps: [number, string][] = []
  while (cache.nextAt < Infinity) {
    const now = cache.nextAt
    const { events, ask } = cache.pass(now)
    steps.push([now, [...ask, ...events.map(event => event.kind)].join()])
  }
  expect(steps).toEqual([
    [80_000, 'greeter'],
    [90_000, 'greeter'],
    [95_000, 'greeter'],
    [100_000, 'delete'],
  ])
  expect(cache.size).toBe(0)
})

it('keeps a node that answers, and tells nothing of it', () => {
  const cache = cacheOf()
  cache.hear(node('a'), 0)
  for (let now = 80_000; now < 1_000_000; now += 80_000) {
    expect(cache.pass(now)).toEqual({ events: [], ask: ['greeter'] })
    expect(cache.hear(node('a'), now)).toEqual([])
  }
})

it('tells of what changed', () => {
  const cache = cacheOf()
  expect(cache.hear(node('a'), 0).map(event => event.kind)).toEqual(['create'])
  expect(cache.hear(node('a', { zone: 'b' }), 0).map(event => event.kind)).toEqual(['update'])
  expect(cache.forget('a.greeter.local').map(event => event.kind)).toEqual(['delete'])
  expect(cache.forget('a.greeter.local')).toEqual([])
})

it('refuses a new node when it is full, and still refreshes those it has', () => {
  const cache = cacheOf()
  for (const id of ['a', 'b', 'c']) cache.hear(node(id), 0)
  expect(() => cache.hear(node('d'), 0)).toThrow(expect.objectContaining({ kind: 'resource_exhausted' }))
  expect(cache.hear(node('a', { zone: 'b' }), 0)).toHaveLength(1)
  expect(() => cache.hear(node('a', { bytes: 900 }), 0)).toThrow(/maxCacheBytes 1000/)
  cache.forget('b.greeter.local')
  expect(cache.hear(node('d', { bytes: 700 }), 0)).toHaveLength(1)
})

it('does not remember a node for years', () => {
  const cache = cacheOf()
  cache.hear(node('a', { ttlSeconds: 0xffff_ffff }), 0)
  cache.pass(4_400_000)
  expect(cache.pass(4_500_000).events.map(event => event.kind)).toEqual(['delete'])
})

it('moves an instance whose text names another service', () => {
  const cache = cacheOf()
  cache.hear({ ...node('a.b', { service: 'c' }), instance: 'a.b.c.local' }, 0)
  const events = cache.hear({ ...node('a', { service: 'b.c' }), instance: 'a.b.c.local' }, 0)
  expect(events.map(({ kind }) => kind)).toEqual(['delete', 'create'])
  expect(cache.snapshot().map(service => service.name)).toEqual(['b.c'])
})
