import { Subject, from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import {
  applyRegistryEvent,
  foldRegistry,
  type NodeRecord,
  type RegistryEvent,
  type ServiceRecord,
} from 'headrace/streams'

const node = (id: string, address = `127.0.0.1:${id.length}`): NodeRecord => ({ id, address, metadata: {} })
const service = (version: string, ...nodes: readonly NodeRecord[]): ServiceRecord => ({
  name: 'greeter',
  version,
  metadata: {},
  endpoints: [],
  nodes,
})
const named = (name: string, record: ServiceRecord): ServiceRecord => ({ ...record, name })
const apply = (services: readonly ServiceRecord[], ...events: readonly RegistryEvent[]) =>
  events.reduce(applyRegistryEvent, services)

describe('applyRegistryEvent', () => {
  test('a reset forgets what was known before', () => {
    const before = [service('1', node('a')), named('other', service('1', node('b')))]
    const services = [service('2', node('c'))]
    expect(apply(before, { kind: 'reset', services })).toEqual(services)
  })

  test.each(['create', 'update'] as const)('%s adds nodes to a version and keeps the others', kind => {
    const after = apply([service('1', node('a'))], { kind, service: service('1', node('b')) })
    expect(after).toEqual([service('1', node('a'), node('b'))])
  })

  test('a node that is named again has its new data, in its place', () => {
    const after = apply([service('1', node('a'), node('b'))], {
      kind: 'update',
      service: service('1', node('a', '127.0.0.1:99')),
    })
    expect(after).toEqual([service('1', node('a', '127.0.0.1:99'), node('b'))])
  })

  test('metadata and endpoints of a version are those that came last', () => {
    const endpoints = [{ name: 'Greeter.Hello', request: undefined, response: undefined, metadata: {} }]
    const changed = { ...service('1'), metadata: { zone: 'b' }, endpoints }
    const after = apply([service('1', node('a'))], { kind: 'update', service: changed })
    expect(after).toEqual([{ ...changed, nodes: [node('a')] }])
  })

  test('a node that appears under another version moves there, and an empty version goes', () => {
    const before = [service('1', node('a'), node('b'))]
    const event = { kind: 'create', service: service('2', node('a')) } as const
    expect(apply(before, event)).toEqual([service('1', node('b')), service('2', node('a'))])
    expect(apply([service('1', node('a'))], event)).toEqual([service('2', node('a'))])
  })

  test('the same node id in another service is another node', () => {
    const other = named('other', service('1', node('a')))
    const after = apply([service('1', node('a'))], { kind: 'create', service: other })
    expect(after).toEqual([service('1', node('a')), other])
  })

  test('delete takes the named nodes out of that version alone', () => {
    const before = [service('1', node('a'), node('b')), service('2', node('c'))]
    const after = apply(before, { kind: 'delete', service: service('1', node('a'), node('c')) })
    expect(after).toEqual([service('1', node('b')), service('2', node('c'))])
  })

  test('delete without nodes takes the whole version, delete of the last node too', () => {
    const before = [service('1', node('a')), service('2', node('b'))]
    expect(apply(before, { kind: 'delete', service: service('1') })).toEqual([service('2', node('b'))])
    expect(apply(before, { kind: 'delete', service: service('2', node('b')) })).toEqual([
      service('1', node('a')),
    ])
  })

  test('within a reset the node belongs to the version that names it last', () => {
    const services = [service('1', node('a'), node('b')), service('2', node('a')), service('1', node('c'))]
    const after = apply([], { kind: 'reset', services })
    expect(new Set(after)).toEqual(new Set([service('2', node('a')), service('1', node('b'), node('c'))]))
  })

  const known = [service('1', node('a'), node('b')), named('other', service('1', node('c')))]
  test.each<[string, RegistryEvent]>([
    ['a create of what is known', { kind: 'create', service: service('1', { ...node('a') }) }],
    ['an update that changes nothing', { kind: 'update', service: structuredClone(service('1', node('b'))) }],
    ['a create without nodes of an unknown version', { kind: 'create', service: service('9') }],
    ['a delete of an unknown node', { kind: 'delete', service: service('1', node('z')) }],
    ['a delete of an unknown version', { kind: 'delete', service: service('9') }],
    ['a delete of an unknown service', { kind: 'delete', service: named('nobody', service('1')) }],
    [
      'a reset with the same, in another order',
      { kind: 'reset', services: structuredClone(known).reverse() },
    ],
  ])('%s returns the same object', (_, event) => {
    expect(applyRegistryEvent(known, event)).toBe(known)
  })

  test('records that an event leaves alone are the same objects', () => {
    const event = { kind: 'update', service: service('1', node('b', '127.0.0.1:99')) } as const
    const after = applyRegistryEvent(known, event)
    expect(after[1]).toBe(known[1])
    expect(after[0]?.nodes[0]).toBe(known[0]?.nodes[0])
    expect(after[0]?.endpoints).toBe(known[0]?.endpoints)
    const reset = applyRegistryEvent(known, { kind: 'reset', services: structuredClone(after) })
    expect(reset[1]).toBe(known[1])
  })

  test('names and versions that a peer chose to collide stay apart', () => {
    const one = { ...service('c', node('x')), name: 'a\0b' }
    const two = { ...service('b\0c', node('y')), name: 'a' }
    expect(apply([], { kind: 'reset', services: [one, two] })).toEqual([one, two])
    const odd = { ...service('__proto__', node('__proto__')), name: '__proto__' }
    expect(apply([], { kind: 'create', service: odd })).toEqual([odd])
  })

  test('what was given is not changed', () => {
    const before = Object.freeze([Object.freeze(service('1', node('a'), node('b')))])
    const copy = structuredClone(before)
    apply(
      before,
      { kind: 'create', service: service('2', node('a')) },
      { kind: 'delete', service: service('1') },
    )
    expect(before).toEqual(copy)
  })
})

describe('foldRegistry', () => {
  test('emits a snapshot with the first reset, also an empty one, then one for each change', async () => {
    const events: readonly RegistryEvent[] = [
      { kind: 'reset', services: [] },
      { kind: 'delete', service: service('1') },
      { kind: 'create', service: service('1', node('a')) },
      { kind: 'create', service: service('1', node('a')) },
      { kind: 'reset', services: [service('1', node('a'))] },
      { kind: 'reset', services: [] },
    ]
    const snapshots = await lastValueFrom(from(events).pipe(foldRegistry(), toArray()))
    expect(snapshots).toEqual([[], [service('1', node('a'))], []])
  })

  test('is cold, and unsubscribing unsubscribes from the watch', () => {
    const watch = new Subject<RegistryEvent>()
    const folded = watch.pipe(foldRegistry())
    expect(watch.observed).toBe(false)
    const first: number[] = []
    const subscription = folded.subscribe(snapshot => first.push(snapshot.length))
    watch.next({ kind: 'reset', services: [service('1', node('a'))] })
    const second: number[] = []
    subscription.add(folded.subscribe(snapshot => second.push(snapshot.length)))
    watch.next({ kind: 'reset', services: [] })
    expect([first, second]).toEqual([[1, 0], [0]])
    subscription.unsubscribe()
    expect(watch.observed).toBe(false)
  })
})
