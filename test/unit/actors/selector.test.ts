import {
  BehaviorSubject,
  NEVER,
  Observable,
  Subject,
  Subscription,
  firstValueFrom,
  type Observer,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createRegistryCache, createSelector, selectorFactories, type SelectorOptions } from 'headrace/actors'
import { ServiceError, byLabel, byZone, roundRobin, type Filter, type NodeLoad } from 'headrace/streams'
import { ScriptedRegistry, greeter, reset } from '../../support/scripted-registry.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const refused = new ServiceError('unavailable', 'connection refused')
const slow = new ServiceError('timeout', 'no answer')

function start(ids: readonly string[], options: Partial<SelectorOptions> = {}, create = createSelector) {
  const script = new ScriptedRegistry(reset(...ids))
  const clock = new VirtualClock([0])
  const cache = createRegistryCache({ registry: script.registry, clock })
  const told: string[] = []
  const selector = create({
    cache,
    clock,
    strategy: roundRobin(),
    report: event => void told.push('node' in event ? `${event.kind} ${event.node.id}` : event.kind),
    ...options,
  })
  const pick = (id: string) =>
    selector.pick('greeter', {
      strategy: () => nodes => nodes.find(({ node }) => node.id === id) ?? absent(id),
    })
  const failing = (id: string, error: ServiceError) => {
    const node = pick(id)
    if (node !== undefined) selector.report(node, undefined, error)
  }
  const present = () => {
    let seen: readonly string[] = []
    const subscription = selector.candidates('greeter').subscribe(nodes => (seen = nodes.map(({ id }) => id)))
    subscription.unsubscribe()
    return seen.join('')
  }
  return { script, clock, cache, selector, pick, failing, present, told }
}

function absent(id: string): never {
  throw new ServiceError('internal', `${id} is not in the list`)
}

describe('nodes that do not answer', () => {
  it('are left out while another is there, and are back at once', () => {
    const suspects = new BehaviorSubject<ReadonlySet<string>>(new Set())
    const { selector, present, failing } = start(['a', 'bb', 'ccc'], { suspects })
    const picked = () =>
      [0, 1, 2, 3].map(() => {
        const node = selector.pick('greeter')
        if (node !== undefined) selector.report(node, 1)
        return node?.id
      })
    const address = (id: string) => greeter([id]).nodes[0]?.address ?? '' // another one for another length
    suspects.next(new Set([address('a')]))
    expect([present(), new Set(picked())]).toEqual(['bbccc', new Set(['bb', 'ccc'])])
    failing('bb', refused)
    expect([present(), new Set(picked())]).toEqual(['ccc', new Set(['ccc'])])
    suspects.next(new Set([address('a'), address('ccc')]))
    expect([present(), new Set(picked())]).toEqual(['abbccc', new Set(['a', 'bb', 'ccc'])])
    suspects.next(new Set())
    expect([present(), new Set(picked())]).toEqual(['abbccc', new Set(['a', 'bb', 'ccc'])])
  })

  it('are not followed any more when the selector has closed', async () => {
    const suspects = new Subject<ReadonlySet<string>>()
    const { selector } = start(['a'], { suspects })
    expect(suspects.observed).toBe(true)
    await selector.close()
    expect(suspects.observed).toBe(false)
  })
})

describe('ejection', () => {
  it('puts a node out after one refusal, or three other failures in a row', () => {
    const { selector, pick, failing, present, told } = start(['a', 'b', 'c'])
    failing('a', refused)
    expect(present()).toBe('bc')
    failing('b', slow)
    failing('b', slow)
    const node = pick('b')
    if (node !== undefined) selector.report(node, 5)
    failing('b', slow)
    failing('b', slow)
    expect(present()).toBe('bc')
    failing('b', slow)
    expect(present()).toBe('c')
    expect(told).toEqual(['ejected a', 'ejected b'])
  })

  it('doubles the time with each trial that fails, up to the longest', () => {
    const { clock, failing, present } = start(['a', 'b'])
    const times = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    for (const time of times) {
      failing('a', refused)
      clock.advance(time - 1)
      expect(present()).toBe('b')
      clock.advance(1)
      expect(present()).toBe('ab')
    }
  })

  it('lets chance take off up to half of the time', () => {
    const clock = new VirtualClock([0.999])
    const { failing, present } = start(['a', 'b'], { clock })
    failing('a', refused)
    clock.advance(500)
    expect(present()).toBe('b')
    clock.advance(1)
    expect(present()).toBe('ab')
  })

  it('gives a node on probation one use at a time', () => {
    const { selector, clock, pick, failing, present, told } = start(['a', 'b'])
    failing('a', refused)
    clock.advance(1_000)
    const trial = pick('a')
    expect(present()).toBe('b')
    if (trial !== undefined) selector.report(trial, 5)
    expect(present()).toBe('ab')
    pick('a')
    pick('a')
    expect(told).toEqual(['ejected a', 'restored a'])
  })

  it('tries again when the outcome of a trial does not come', () => {
    const { clock, pick, failing, present } = start(['a', 'b'])
    failing('a', refused)
    clock.advance(1_000)
    pick('a')
    expect(present()).toBe('b')
    clock.advance(1_000)
    expect(present()).toBe('ab')
  })

  it('counts uses that fail together as one failure', () => {
    const { selector, clock, pick, present } = start(['a', 'b'])
    const uses = Array.from({ length: 32 }, () => pick('a'))
    for (const use of uses) if (use !== undefined) selector.report(use, undefined, refused)
    clock.advance(1_000)
    expect(present()).toBe('ab')
  })

  it('forgets a node that has left, and its timer', () => {
    const { script, clock, selector, failing } = start(['a', 'b'])
    const before = clock.pending
    failing('a', refused)
    expect(clock.pending).toBe(before + 2)
    script.tell({ kind: 'delete', service: greeter(['a']) })
    selector.pick('greeter')
    expect(clock.pending).toBe(before + 1)
  })
})

describe('what is in flight', () => {
  const inFlight = (loads: readonly NodeLoad[]) =>
    loads.map(load => `${load.node.id}${load.inFlight}`).join(' ')

  it('outlives snapshots by node id', () => {
    const seen: string[] = []
    const { script, selector } = start(['a'], {
      strategy: () => nodes => {
        seen.push(inFlight(nodes))
        return nodes[0] ?? absent('any')
      },
    })
    const first = selector.pick('greeter')
    script.tell({ kind: 'create', service: greeter(['b']) })
    selector.pick('greeter')
    script.tell({ kind: 'delete', service: greeter(['a']) })
    selector.pick('greeter')
    script.tell({ kind: 'create', service: greeter(['a']) })
    selector.pick('greeter')
    if (first !== undefined) for (const _ of [1, 2, 3]) selector.report(first, 1)
    selector.pick('greeter')
    expect(seen).toEqual(['a0', 'a1 b0', 'b0', 'b1 a2', 'b2 a0'])
  })

  it('is still counted when the service was forgotten meanwhile', () => {
    const seen: number[] = []
    const { clock, script, selector } = start(['a'], {
      strategy: () => nodes => {
        seen.push(nodes[0]?.inFlight ?? -1)
        return nodes[0] ?? absent('any')
      },
    })
    const long = selector.pick('greeter')
    clock.advance(100_000)
    expect([script.open, clock.pending]).toEqual([0, 0])
    selector.pick('greeter')
    if (long !== undefined) selector.report(long, 1)
    selector.pick('greeter')
    expect(seen).toEqual([0, 1, 1])
  })

  it('shows a peak of latency at once and lets it fade', () => {
    const seen: number[] = []
    const { clock, selector } = start(['a'], {
      latencyDecayMs: 1_000,
      strategy: () => nodes => {
        seen.push(Math.round(nodes[0]?.latencyMs ?? -1))
        return nodes[0] ?? absent('any')
      },
    })
    for (const [wait, latencyMs] of [
      [0, 10],
      [0, 100],
      [1_000, 10],
      [10_000, 10],
      [0, 0],
    ] as const) {
      clock.advance(wait)
      const node = selector.pick('greeter')
      if (node !== undefined) selector.report(node, latencyMs)
    }
    expect(seen).toEqual([0, 10, 100, 43, 10])
  })
})

describe('filters', () => {
  it('of the selector hold for every choice, live ones as they say at the moment', async () => {
    const zone = new BehaviorSubject<Filter>(({ id }) => id !== 'a')
    const { selector, present } = start(['a', 'b', 'c'], { filters: [zone, ({ id }) => id !== 'b'] })
    expect([selector.pick('greeter')?.id, present()]).toEqual(['c', 'c'])
    zone.next(({ id }) => id === 'a')
    expect([selector.pick('greeter')?.id, present()]).toEqual(['a', 'a'])
    await selector.close()
    expect(zone.observed).toBe(false)
  })

  it('that are live are left when they were not used for a while', () => {
    const { clock, selector } = start(['a'], { idleMs: 1_000 })
    const zone = new BehaviorSubject<Filter>(() => true)
    selector.pick('greeter', { filter: zone })
    clock.advance(900)
    selector.pick('greeter', { filter: zone })
    clock.advance(1_000)
    expect(zone.observed).toBe(true)
    clock.advance(125)
    expect(zone.observed).toBe(false)
  })

  it('that are live are bounded in number', () => {
    const { selector } = start(['a'], { maxLiveFilters: 2 })
    const zones = [1, 2, 3].map(() => new BehaviorSubject<Filter>(() => true))
    for (const filter of zones) selector.pick('greeter', { filter })
    expect(zones.map(({ observed }) => observed)).toEqual([false, true, true])
  })

  it('that fail keep their last word, and it is told', () => {
    const { selector, told } = start(['a', 'b'])
    const filter = new Subject<Filter>()
    const ids = () => [1, 2].map(() => selector.pick('greeter', { filter })?.id).sort()
    expect(ids()).toEqual(['a', 'b'])
    filter.next(({ id }) => id === 'b')
    filter.error(new Error('the feed broke'))
    expect([ids(), told]).toEqual([['b', 'b'], ['filter-failed']])
  })

  it('that throw fail the choice with a ServiceError', async () => {
    const { selector } = start(['a'])
    const filter: Filter = () => {
      throw new TypeError('oops')
    }
    const detail = 'service greeter: a filter threw at node a: oops'
    expect(() => selector.pick('greeter', { filter })).toThrow(detail)
    await expect(firstValueFrom(selector.select('greeter', { filter }))).rejects.toMatchObject({
      kind: 'internal',
      detail,
    })
  })

  it('and services asked for in turn are kept apart, also when one of them was forgotten meanwhile', () => {
    const { script, clock, selector } = start([])
    const [hello, order] = [greeter(['a', 'b']), greeter(['x', 'y'], { name: 'orders' })]
    script.first = { kind: 'reset', services: [hello, order] }
    const filters: readonly Filter[] = [({ id }) => 'ax'.includes(id), ({ id }) => 'by'.includes(id)]
    const round = () =>
      ['greeter', 'greeter', 'orders', 'greeter', 'orders', 'nobody', 'orders'].map((service, turn) => {
        const node = selector.pick(service, { filter: filters[turn % 2] ?? byZone('none') })
        if (node !== undefined) selector.report(node, 1)
        return node?.id
      })
    const expected = ['a', 'b', 'x', 'b', 'x', undefined, 'x']
    expect(round()).toEqual(expected)
    clock.advance(90_000)
    expect(script.open).toBe(0)
    script.first = { kind: 'reset', services: [hello] }
    expect(round()).toEqual(expected.map(id => (id === 'x' ? undefined : id)))
  })

  it('make one pass over the nodes for one filter object', () => {
    const { selector } = start(Array.from({ length: 100 }, (_, place) => `node-${place}`))
    let passes = 0
    const filter: Filter = () => (passes += 1) > 0
    for (let call = 0; call < 1_000; call += 1) selector.pick('greeter', { filter })
    expect(passes).toBe(100)
  })
})

describe('select', () => {
  it('says what to try when there is nothing to choose', async () => {
    const empty = start([])
    await expect(firstValueFrom(empty.selector.select('greeter'))).rejects.toMatchObject({
      kind: 'not_found',
      detail: 'service greeter: no node is known; is it running, and on this registry (scripted)?',
    })
    const some = start(['a', 'b'])
    const filtered = some.selector.select('greeter', { filter: byLabel('zone', 'x') })
    await expect(firstValueFrom(filtered)).rejects.toMatchObject({
      kind: 'not_found',
      detail:
        'service greeter: 2 nodes are known, but none passes the filter; ask for less, or start one that does',
    })
  })

  it('waits as one watch for ten thousand callers, and leaves nothing when they give up', () => {
    const { script, selector, cache } = start(['a'])
    script.first = undefined
    let chosen = 0
    const counting: Partial<Observer<unknown>> = { next: () => (chosen += 1) }
    const callers = Array.from({ length: 10_000 }, () => selector.select('greeter').subscribe(counting))
    expect([script.opened, selector.pick('greeter')]).toEqual([1, undefined])
    for (const caller of callers.slice(0, 5_000)) caller.unsubscribe()
    script.tell(reset('a'))
    expect(chosen).toBe(5_000)
    void cache.close()
    expect(script.open).toBe(0)
  })

  it('tells a caller that asks again from inside the answer the same again, or what is new', () => {
    const { script, selector } = start([])
    script.first = undefined
    const answers: string[] = []
    const ask = (times: number): void => {
      selector.select('greeter').subscribe({
        error: (error: ServiceError) => {
          answers.push(error.kind)
          if (times > 1) ask(times - 1)
        },
      })
    }
    ask(3)
    script.tell(reset())
    expect(answers).toEqual(['not_found', 'not_found', 'not_found'])
  })

  it('gives no node to a caller that gives up while another gets one', () => {
    const { script, selector } = start(['a'])
    script.first = undefined
    const ids: string[] = []
    const second = new Subscription()
    selector.select('greeter').subscribe(({ id }) => {
      ids.push(id)
      second.unsubscribe()
    })
    second.add(selector.select('greeter').subscribe(({ id }) => ids.push(id)))
    script.tell(reset('a'))
    let inFlight: number | undefined
    selector.pick('greeter', {
      strategy: () => nodes => {
        inFlight = nodes[0]?.inFlight
        return nodes[0] ?? absent('any')
      },
    })
    expect([ids, inFlight]).toEqual([['a'], 1])
  })

  it('fails when the strategy returns what is not in its list', () => {
    const { selector } = start(['a'])
    expect(() =>
      selector.pick('greeter', { strategy: () => nodes => ({ ...nodes[0] }) as NodeLoad }),
    ).toThrow(/not in its list/)
  })
})

describe('the selectors of go-micro', () => {
  it('blacklist: out after three failures, for 30 s after the last one, then forgotten', () => {
    const { clock, pick, failing, present, selector } = start(['a', 'b'], {}, selectorFactories.blacklist)
    const late = pick('a')
    for (const _ of [1, 2]) failing('a', refused)
    expect(present()).toBe('ab')
    failing('a', refused)
    expect(present()).toBe('b')
    clock.advance(20_000)
    if (late !== undefined) selector.report(late, undefined, refused)
    clock.advance(29_999)
    expect(present()).toBe('b')
    clock.advance(1)
    expect(present()).toBe('ab')
    for (const _ of [1, 2]) failing('a', refused)
    expect(present()).toBe('ab')
  })

  it('blacklist: two failures and a third after 30 s do not count together', () => {
    const { clock, failing, present } = start(['a', 'b'], {}, selectorFactories.blacklist)
    for (const _ of [1, 2]) failing('a', refused)
    clock.advance(30_001)
    failing('a', refused)
    expect(present()).toBe('ab')
  })

  it('named: one node that is called like the service, without a registry', async () => {
    const { cache, clock, script } = start([])
    const selector = selectorFactories.named({ cache, clock })
    const node = selector.pick('greeter')
    expect(node).toEqual({
      id: 'greeter',
      address: 'greeter',
      service: 'greeter',
      version: '',
      metadata: {},
      endpoints: [],
    })
    if (node !== undefined) selector.report(node, undefined, refused)
    expect((await firstValueFrom(selector.select('greeter'))).address).toBe('greeter')
    expect(selector.close()).toBe(selector.close())
    await selector.close()
    expect([script.opened, clock.pending]).toEqual([0, 0])
  })

  it.each(Object.entries(selectorFactories))('%s is known by its word', async (word, create) => {
    const { cache, clock } = start([])
    const selector = create({ cache, clock })
    expect(selector.name).toBe(word)
    await selector.close()
  })
})

describe('options', () => {
  it('are checked', () => {
    const { cache } = start([])
    expect(() => createSelector({ cache, strategy: 'random' as never })).toThrow(/strategy/)
    expect(() => createSelector({ cache, filters: [NEVER, 1 as never] })).toThrow(/filters/)
    expect(() => createSelector({ cache, ejection: { jitter: 2 } })).toThrow(/jitter/)
    expect(() => createSelector({ cache, filters: [new Observable<Filter>()] })).not.toThrow()
  })
})
