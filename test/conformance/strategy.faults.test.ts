import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  leastConn,
  powerOfTwo,
  random,
  rendezvous,
  roundRobin,
  type NodeLoad,
  type Strategy,
} from 'headrace/streams'
import { brokenLaws } from './law.js'
import { strategyLaws, type StrategyPromises } from './strategy.suite.js'

interface Fault {
  readonly promises?: StrategyPromises
  readonly create: () => Strategy
}

const at = (nodes: readonly NodeLoad[], place: number): NodeLoad =>
  nodes[place % nodes.length] ?? expect.fail()

/** For each law a strategy that breaks it, and no other of those it promises. */
const faults: Readonly<Record<string, Fault>> = {
  'chooses one of the records it was given, whatever the list, the loads and the key': {
    create: () => clock => {
      const choose = random()(clock)
      return (nodes, context) => ({ ...choose(nodes, context) })
    },
  },
  'chooses only nodes of the present list when lists change': {
    create: () => () => {
      let first: readonly NodeLoad[] | undefined
      return nodes => at((first ??= nodes), 0)
    },
  },
  'leaves the list and its records as they are': {
    create: () => () => nodes =>
      at(
        (nodes as NodeLoad[]).sort((a, b) => a.inFlight - b.inFlight),
        0,
      ),
  },
  'chooses the same with the same clock and the same chance': {
    create: () => {
      const place = Math.floor(Math.random() * 1_000)
      return () => nodes => at(nodes, place)
    },
  },
  'keeps what it remembers of one list apart from another': {
    create: () => {
      let position = 0
      return () => nodes => at(nodes, position++)
    },
  },
  'every node of equals gets a share': {
    promises: { spread: true },
    create: () => () => nodes => at(nodes, 0),
  },
  'no node is chosen more than once more often than another': {
    promises: { fair: true },
    create: () => clock => {
      const choose = roundRobin()(clock)
      let [turn, last] = [0, undefined as NodeLoad | undefined]
      return (nodes, context) => {
        // Stutters, but not within the first two rounds.
        const stutter = ++turn > 24 && last !== undefined && nodes.includes(last) && turn % 2 === 0
        return (last = stutter ? last : choose(nodes, context)) ?? expect.fail()
      }
    },
  },
  'when nodes leave, those whose turn has not come are next': {
    promises: { fair: true },
    create: () => () => {
      let [list, position] = [undefined as readonly NodeLoad[] | undefined, 0]
      return nodes => {
        if (nodes !== list) [list, position] = [nodes, 0]
        return at(nodes, position++)
      }
    },
  },
  'no node has fewer uses in flight than the one that is chosen': {
    promises: { leastInFlight: true, prefersIdle: true },
    create: powerOfTwo,
  },
  'of two that are equal otherwise, the one with fewer uses in flight is chosen': {
    promises: { prefersIdle: true, spread: true },
    create: random,
  },
  'a key finds the same node, whoever asks and whatever the order of the list': {
    promises: { sticky: true },
    create: () => clock => {
      const [choose, salt] = [rendezvous()(clock), String(clock.random())]
      return (nodes, { key = '' }) => choose(nodes, { key: key + salt })
    },
  },
  'when a node leaves, only its keys move': {
    promises: { sticky: true },
    create:
      () =>
      () =>
      (nodes, { key = '' }) => {
        const sorted = [...nodes].sort((a, b) => (a.node.id < b.node.id ? -1 : 1))
        return at(sorted, key.length)
      },
  },
}

it('has a fault for each law', () => {
  expect(Object.keys(faults).sort()).toEqual(
    strategyLaws(fc)
      .map(({ name }) => name)
      .sort(),
  )
})

for (const [law, { promises, create }] of Object.entries(faults)) {
  it(`a fault breaks only: ${law}`, async () => {
    const broken = await brokenLaws(strategyLaws(fc), {
      features: { ...promises },
      setup: () => create,
      teardown: async () => undefined,
    })
    expect([...broken.keys()]).toEqual([law])
  })
}

it('finds no fault where there is none', async () => {
  const broken = await brokenLaws(strategyLaws(fc), {
    features: { spread: true, leastInFlight: true, prefersIdle: true },
    setup: () => leastConn,
    teardown: async () => undefined,
  })
  expect([...broken]).toEqual([])
})
