import assert from 'node:assert/strict'
import type { Strategy } from 'headrace/streams'
import type { Law } from '../law.js'
import { arbitraries, loadOf, type FastCheck } from './arbitraries.js'
import { seededClock } from './seeded-clock.js'

/** What strategies keep that promise to spread the load. */
export function balanceLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  return [...turnLaws(fc), ...leastLoadLaws(fc)]
}

function turnLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  const { loads, nodes } = arbitraries(fc)
  const seed = fc.nat()
  return [
    {
      name: 'every node of equals gets a share',
      needs: 'spread',
      async prove(create) {
        fc.assert(
          fc.property(nodes, seed, (all, seeded) => {
            const choose = create()(seededClock(seeded))
            const list = all.map(node => loadOf(node))
            const chosen = new Set(Array.from({ length: list.length * 50 }, () => choose(list, {})))
            assert.equal(chosen.size, list.length)
          }),
        )
      },
    },
    {
      name: 'no node is chosen more than once more often than another',
      needs: 'fair',
      async prove(create) {
        fc.assert(
          fc.property(loads, fc.nat({ max: 50 }), seed, (list, choices, seeded) => {
            const choose = create()(seededClock(seeded))
            const times = new Map(list.map(load => [load, 0]))
            for (let turn = 0; turn < choices; turn += 1) {
              const chosen = choose(list, {})
              times.set(chosen, (times.get(chosen) ?? 0) + 1)
            }
            assert.ok(Math.max(...times.values()) - Math.min(...times.values()) <= 1, 'unfair')
          }),
        )
      },
    },
    {
      name: 'when nodes leave, those whose turn has not come are next',
      needs: 'fair',
      async prove(create) {
        fc.assert(
          fc.property(loads, fc.nat(), fc.func(fc.boolean()), seed, (list, turns, stays, seeded) => {
            const choose = create()(seededClock(seeded))
            const done = new Set(Array.from({ length: turns % list.length }, () => choose(list, {})))
            const left = list.filter(({ node }) => stays(node.id))
            const due = left.filter(load => !done.has(load))
            const next = due.map(() => choose(left, {}))
            assert.deepEqual(new Set(next), new Set(due))
          }),
        )
      },
    },
  ]
}

function leastLoadLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  const { loads, nodes } = arbitraries(fc)
  const seed = fc.nat()
  return [
    {
      name: 'no node has fewer uses in flight than the one that is chosen',
      needs: 'leastInFlight',
      async prove(create) {
        fc.assert(
          fc.property(loads, seed, (list, seeded) => {
            const { inFlight } = create()(seededClock(seeded))(list, {})
            assert.equal(inFlight, Math.min(...list.map(load => load.inFlight)))
          }),
        )
      },
    },
    {
      name: 'of two that are equal otherwise, the one with fewer uses in flight is chosen',
      needs: 'prefersIdle',
      async prove(create) {
        const pair = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 })).filter(([one, other]) => one !== other)
        fc.assert(
          fc.property(
            nodes.filter(all => all.length > 1),
            pair,
            seed,
            (all, uses, seeded) => {
              const list = uses.map((inFlight, place) =>
                loadOf(all[place] ?? assert.fail(), { inFlight, latencyMs: 10 }),
              )
              const chosen = create()(seededClock(seeded))(list, {})
              assert.equal(chosen.inFlight, Math.min(...uses))
            },
          ),
        )
      },
    },
  ]
}
