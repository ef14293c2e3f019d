import { describe, expect, it } from 'vitest'
import {
  flattenNodes,
  peakEwma,
  powerOfTwo,
  preferLabels,
  rendezvous,
  roundRobin,
  type NodeLoad,
} from 'headrace/streams'
import { VirtualClock } from '../../support/virtual-clock.js'

function loads(ids: readonly string[], each: (id: string, place: number) => Partial<NodeLoad> = () => ({})) {
  const record = {
    name: 'greeter',
    version: '1.0',
    metadata: {},
    endpoints: [],
    nodes: ids.map(id => ({ id, address: '127.0.0.1:1', metadata: { zone: id.charAt(0) } })),
  }
  return flattenNodes([record]).map((node, place): NodeLoad => ({
    inFlight: 0,
    latencyMs: 0,
    measuredAt: 0,
    failures: 0,
    ...each(node.id, place),
    node,
  }))
}

describe('round robin', () => {
  it('starts at random and goes on where it was when the list is another one', () => {
    const choose = roundRobin()(new VirtualClock([0.5]))
    const list = loads(['a', 'b', 'c', 'd'])
    const ids = (nodes: readonly NodeLoad[], times: number) =>
      Array.from({ length: times }, () => choose(nodes, {}).node.id).join('')
    expect(ids(list, 5)).toBe('cdabc')
    expect(ids([...list.slice(0, 3), ...loads(['e']), ...list.slice(3)], 2)).toBe('da')
    expect(ids(list.slice(2), 3)).toBe('cdc')
  })

  it('goes on near the same place when nobody of the list is left', () => {
    const choose = roundRobin()(new VirtualClock([0]))
    choose(loads(['a', 'b']), {})
    expect(choose(loads(['c', 'd', 'e', 'f']), {}).node.id).toBe('e')
  })
})

describe('power of two', () => {
  it('draws two different nodes', () => {
    const list = loads(['a', 'b'], id => ({ inFlight: id === 'a' ? 9 : 0 }))
    for (const chance of [0, 0.3, 0.5, 0.99]) {
      expect(powerOfTwo()(new VirtualClock([chance]))(list, {}).node.id).toBe('b')
    }
  })
})

describe('peak EWMA', () => {
  const between = (clock: VirtualClock, one: Partial<NodeLoad>, other: Partial<NodeLoad>) =>
    peakEwma({ decayMs: 1_000 })(clock)(
      loads(['a', 'b'], id => (id === 'a' ? one : other)),
      {},
    ).node.id

  it('weighs latency by what is in flight', () => {
    const clock = new VirtualClock()
    expect(between(clock, { latencyMs: 10 }, { latencyMs: 30 })).toBe('a')
    expect(between(clock, { latencyMs: 10, inFlight: 4 }, { latencyMs: 30 })).toBe('b')
  })

  it('forgets a slow answer with time', () => {
    const clock = new VirtualClock()
    expect(between(clock, { latencyMs: 100 }, { latencyMs: 10 })).toBe('b')
    clock.advance(3_000)
    expect(between(clock, { latencyMs: 100 }, { latencyMs: 10, measuredAt: 3_000 })).toBe('a')
  })

  it('tries a node that was never used, with one call until it has answered', () => {
    const clock = new VirtualClock()
    expect(between(clock, { latencyMs: 1 }, {})).toBe('b')
    expect(between(clock, { latencyMs: 1, inFlight: 50 }, { inFlight: 1 })).toBe('a')
  })

  it('refuses a decay that is no time', () => {
    expect(() => peakEwma({ decayMs: 0 })).toThrow(/decayMs/)
  })
})

describe('rendezvous', () => {
  const ids = Array.from({ length: 10 }, (_, place) => `greeter-${place}`)
  const keys = Array.from({ length: 10_000 }, (_, place) => `user-${place}`)

  it('spreads keys evenly', () => {
    const choose = rendezvous()(new VirtualClock())
    const list = loads(ids)
    const times = new Map<string, number>()
    for (const key of keys) {
      const { id } = choose(list, { key }).node
      times.set(id, (times.get(id) ?? 0) + 1)
    }
    for (const id of ids) expect(times.get(id)).toBeGreaterThan(850)
    for (const id of ids) expect(times.get(id)).toBeLessThan(1_150)
  })

  it('is random without a key', () => {
    const choose = rendezvous()(new VirtualClock([0, 0.5]))
    expect([choose(loads(ids), {}), choose(loads(ids), {})].map(load => load.node.id)).toEqual([
      'greeter-0',
      'greeter-5',
    ])
  })
})

describe('label preference', () => {
  it('walks through the best group, and through the next when that is to be avoided', () => {
    const choose = preferLabels(
      { key: 'zone', value: 'x' },
      { key: 'zone', value: 'y' },
    )(new VirtualClock([0]))
    const list = loads(['z1', 'y1', 'x1', 'x2'])
    const times = (nodes: readonly NodeLoad[], count: number) =>
      Array.from({ length: count }, () => choose(nodes, {}).node.id)
    expect(times(list, 3)).toEqual(['x1', 'x2', 'x1'])
    expect(times(list.slice(0, 2), 2)).toEqual(['y1', 'y1'])
    expect(times(list.slice(0, 1), 1)).toEqual(['z1'])
  })
})
