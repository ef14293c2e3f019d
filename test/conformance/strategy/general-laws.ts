import assert from 'node:assert/strict'
import type { ChoiceContext, NodeLoad, Strategy } from 'headrace/streams'
import type { Law } from '../law.js'
import { arbitraries, type FastCheck } from './arbitraries.js'
import { seededClock } from './seeded-clock.js'

/** What every strategy keeps. */
export function generalLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  return [...membershipLaws(fc), ...purityLaws(fc)]
}

function membershipLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  const { loads, contexts, seed } = inputs(fc)
  return [
    {
      name: 'chooses one of the records it was given, whatever the list, the loads and the key',
      async prove(create) {
        fc.assert(
          fc.property(loads, contexts, seed, (nodes, asked, seeded) => {
            const choose = create()(seededClock(seeded))
            for (const each of asked) assert.ok(nodes.includes(choose(nodes, each)), 'not in the list')
          }),
        )
      },
    },
    {
      name: 'chooses only nodes of the present list when lists change',
      async prove(create) {
        fc.assert(
          fc.property(fc.array(loads, { minLength: 2 }), contexts, seed, (lists, asked, seeded) => {
            const choose = create()(seededClock(seeded))
            for (const nodes of lists) {
              const ids = nodes.map(({ node }) => node.id)
              for (const each of asked) assert.ok(ids.includes(choose(nodes, each).node.id), 'it has left')
            }
          }),
        )
      },
    },
  ]
}

function purityLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  const { loads, contexts, seed } = inputs(fc)
  return [
    {
      name: 'leaves the list and its records as they are',
      async prove(create) {
        fc.assert(
          fc.property(loads, contexts, seed, (nodes, asked, seeded) => {
            const list = [...nodes]
            const before = structuredClone(list)
            idsOf(create(), seeded, list, asked)
            assert.deepEqual(list, before)
          }),
        )
      },
    },
    {
      name: 'chooses the same with the same clock and the same chance',
      async prove(create) {
        fc.assert(
          fc.property(loads, contexts, seed, (nodes, asked, seeded) => {
            assert.deepEqual(idsOf(create(), seeded, nodes, asked), idsOf(create(), seeded, nodes, asked))
          }),
        )
      },
    },
    {
      name: 'keeps what it remembers of one list apart from another',
      async prove(create) {
        fc.assert(
          fc.property(loads, loads, contexts, seed, (nodes, others, asked, seeded) => {
            const strategy = create()
            const [one, other] = [strategy(seededClock(seeded)), strategy(seededClock(seeded + 1))]
            const between = asked.map(each => (other(others, each), one(nodes, each).node.id))
            assert.deepEqual(between, idsOf(strategy, seeded, nodes, asked))
          }),
        )
      },
    },
  ]
}

function inputs(fc: FastCheck) {
  const context = fc.record({ key: fc.string() }, { requiredKeys: [] })
  const { loads } = arbitraries(fc)
  return { loads, contexts: fc.array(context, { minLength: 1, maxLength: 30 }), seed: fc.nat() }
}

function idsOf(
  strategy: Strategy,
  seeded: number,
  nodes: readonly NodeLoad[],
  asked: readonly ChoiceContext[],
): readonly string[] {
  const choose = strategy(seededClock(seeded))
  return asked.map(each => choose(nodes, each).node.id)
}
