import { type Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRegistryCache, type CacheEvent, type RegistryCacheOptions } from 'headrace/actors'
import { ServiceError, type Snapshot } from 'headrace/streams'
import { ScriptedRegistry, greeter, reset } from '../../support/scripted-registry.js'
import { VirtualClock } from '../../support/virtual-clock.js'

function start(script: ScriptedRegistry, options: Partial<RegistryCacheOptions> = {}) {
  const clock = new VirtualClock()
  const told: string[] = []
  const report = (event: { kind: CacheEvent['kind'] } | { kind: string }) => void told.push(event.kind)
  const cache = createRegistryCache({ registry: script.registry, clock, report, ...options })
  return { clock, cache, told }
}

const idsOf = (snapshot: Snapshot | undefined) => snapshot?.nodes.map(({ id }) => id)

/** Keeps what a subscription gets. */
function record(cache: ReturnType<typeof start>['cache'], service = 'greeter') {
  const seen: (readonly string[] | string)[] = []
  const subscription: Subscription = cache.snapshots(service).subscribe({
    next: snapshot => seen.push([...(idsOf(snapshot) ?? []), ...(snapshot.stale ? ['(stale)'] : [])]),
    error: (error: ServiceError) => seen.push(`${error.kind}: ${error.detail}`),
    complete: () => seen.push('complete'),
  })
  return { seen, subscription }
}

describe('the registry cache', () => {
  it('opens one watch for a name however many ask', () => {
    const script = new ScriptedRegistry(undefined)
    const { cache } = start(script)
    for (let caller = 0; caller < 10_000; caller += 1) cache.current('greeter')
    const all = Array.from({ length: 100 }, () => record(cache))
    expect(script.opened).toBe(1)
    script.tell(reset('a'))
    expect(all.every(({ seen }) => seen.length === 1)).toBe(true)
    expect(idsOf(cache.current('greeter'))).toEqual(['a'])
  })

  it('follows the changes and replays the latest snapshot', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache } = start(script)
    const { seen } = record(cache)
    script.tell({ kind: 'create', service: greeter(['b']) })
    script.tell({ kind: 'delete', service: greeter(['a']) })
    expect(seen).toEqual([['a'], ['a', 'b'], ['b']])
    expect(record(cache).seen).toEqual([['b']])
  })

  it('keeps a service for one idle time after its last use, not for two', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, clock } = start(script, { idleMs: 60_000 })
    const forgotten: string[] = []
    cache.forgotten.subscribe(name => forgotten.push(name))
    cache.current('greeter')
    clock.advance(50_000)
    cache.current('greeter')
    clock.advance(60_000)
    expect(script.open).toBe(1)
    clock.advance(7_500)
    expect([script.open, clock.pending, forgotten]).toEqual([0, 0, ['greeter']])
  })

  it('keeps a service while somebody follows it', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, clock } = start(script, { idleMs: 1_000 })
    const { subscription } = record(cache)
    clock.advance(100_000)
    expect(script.open).toBe(1)
    subscription.unsubscribe()
    clock.advance(1_125)
    expect(script.open).toBe(0)
  })

  it('serves the last snapshot as stale when the watch is lost, and never an empty list', () => {
    const script = new ScriptedRegistry(reset('a', 'b'))
    const { cache, clock, told } = start(script, { retryBaseMs: 100 })
    const { seen } = record(cache)
    script.first = new ServiceError('unavailable', 'agent lost')
    script.lose()
    clock.advance(30_000)
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b', '(stale)'],
    ])
    expect(script.opened).toBeGreaterThan(5)
    script.first = reset('a', 'c')
    clock.advance(5_000)
    expect(seen.at(-1)).toEqual(['a', 'c'])
    expect(told).toEqual(['stale', 'fresh'])
  })

  it('answers unavailable after staleForMs to the millisecond, and recovers', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, clock, told } = start(script, { staleForMs: 10_000 })
    const { seen } = record(cache)
    script.first = new ServiceError('unavailable', 'agent lost')
    script.lose()
    clock.advance(9_999)
    expect(idsOf(cache.current('greeter'))).toEqual(['a'])
    clock.advance(1)
    expect(cache.current('greeter')).toBeUndefined()
    expect(seen.at(-1)).toBe('unavailable: service greeter: registry scripted is out of reach: agent lost')
    expect(record(cache).seen).toEqual([
      'unavailable: service greeter: registry scripted is out of reach: agent lost',
    ])
    script.first = reset('b')
    clock.advance(5_000)
    expect(record(cache).seen).toEqual([['b']])
    expect(told).toEqual(['stale', 'unreachable', 'fresh'])
  })

  it('answers unavailable at once when the registry is out of reach from the start, and goes on trying', () => {
    const script = new ScriptedRegistry(new ServiceError('unavailable', 'no agent'))
    const { cache, clock } = start(script)
    expect(record(cache).seen).toEqual([
      'unavailable: service greeter: registry scripted is out of reach: no agent',
    ])
    const before = script.opened
    for (let caller = 0; caller < 1_000; caller += 1) record(cache)
    expect(script.opened).toBe(before)
    script.first = reset('a')
    clock.advance(5_000)
    expect(idsOf(cache.current('greeter'))).toEqual(['a'])
  })

  it('has one watch and no more timers after a thousand reconnects', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, clock } = start(script)
    record(cache)
    const timers = clock.pending
    for (let loss = 0; loss < 1_000; loss += 1) {
      script.lose()
      clock.advance(100)
    }
    expect([script.opened, script.open, clock.pending]).toEqual([1_001, 1, timers])
  })

  it('takes the end of a watch for a loss', () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, told } = start(script)
    cache.current('greeter')
    script.end()
    expect([cache.current('greeter')?.stale, told]).toEqual([true, ['stale']])
  })

  it('tells which nodes have left', () => {
    const script = new ScriptedRegistry(reset('a', 'bb', 'ccc'))
    const { cache } = start(script)
    const left: string[] = []
    cache.left.subscribe(node => left.push(node.id))
    cache.current('greeter')
    script.tell({ kind: 'delete', service: greeter(['bb']) })
    script.tell(reset('a'))
    expect(left).toEqual(['bb', 'ccc'])
  })

  it('watches at most maxServices services', () => {
    const script = new ScriptedRegistry(reset())
    const { cache, clock } = start(script, { maxServices: 2, idleMs: 1_000 })
    for (const name of ['one', 'two', 'three']) cache.current(name)
    expect(script.opened).toBe(2)
    expect(record(cache, 'three').seen).toEqual([
      'resource_exhausted: service three: 2 services are watched already; raise maxServices, or lower idleMs',
    ])
    clock.advance(2_000)
    expect(record(cache, 'three').seen).toEqual([[]])
  })

  it('closed, it has no watch and no timer, completes who follows, and refuses the next', async () => {
    const script = new ScriptedRegistry(reset('a'))
    const { cache, clock } = start(script)
    const { seen } = record(cache)
    expect(cache.close()).toBe(cache.close())
    await cache.close()
    expect([script.open, clock.pending, seen]).toEqual([0, 0, [['a'], 'complete']])
    expect(cache.current('greeter')).toBeUndefined()
    expect(record(cache).seen).toEqual(['unavailable: service greeter: the registry cache was closed'])
    expect(script.opened).toBe(1)
  })

  it('refuses wrong options', () => {
    const { registry } = new ScriptedRegistry(undefined)
    expect(() => createRegistryCache({ registry, staleForMs: -1 })).toThrow(/staleForMs/)
    expect(() => createRegistryCache({ registry, ttl: 1 } as never)).toThrow(/unknown option 'ttl'/)
  })
})
