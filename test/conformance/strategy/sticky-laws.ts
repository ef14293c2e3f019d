import assert from 'node:assert/strict'
import type { NodeLoad, Strategy } from 'headrace/streams'
import type { Law } from '../law.js'
import { arbitraries, type FastCheck } from './arbitraries.js'
import { seededClock } from './seeded-clock.js'

/** What strategies keep that promise to find the node of a key. */
export function stickyLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  const { loads } = arbitraries(fc)
  const keys = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 })
  const seed = fc.nat()
  return [
    {
      name: 'a key finds the same node, whoever asks and whatever the order of the list',
      needs: 'sticky',
      async prove(create) {
        fc.assert(
          fc.property(loads, keys, seed, (list, all, seeded) => {
            const one = create()(seededClock(seeded))
            const other = create()(seededClock(seeded + 1))
            const turned = [...list].reverse()
            for (const key of all) assert.equal(one(list, { key }), other(turned, { key }))
          }),
        )
      },
    },
    {
      name: 'when a node leaves, only its keys move',
      needs: 'sticky',
      async prove(create) {
        fc.assert(
          fc.property(loads, keys, fc.nat(), seed, (list, all, place, seeded) => {
            fc.pre(list.length > 1)
            const choose = create()(seededClock(seeded))
            const lost = list[place % list.length]
            const before = new Map<string, NodeLoad>(all.map(key => [key, choose(list, { key })]))
            const left = list.filter(load => load !== lost)
            for (const [key, load] of before)
              if (load !== lost) assert.equal(choose(left, { key }), load, `key ${key} has moved`)
          }),
        )
      },
    },
  ]
}
