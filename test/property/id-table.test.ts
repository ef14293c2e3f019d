import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdTable } from '../../src/wire/mux/id-table.js'

/** Ids come in any order and close to each other, so that they meet in the same slots. */
const id = fc.integer({ min: 1, max: 200 })

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
)

test('a table of ids has what a map would have, after every step', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), steps => {
      const table = new IdTable<{ readonly id: number }>()
      const model = new Map<number, { readonly id: number }>()
      for (const { kind, id } of steps) {
        if (kind === 'delete') {
          table.delete(id)
          model.delete(id)
        } else if (!model.has(id)) {
          const entry = { id }
          table.add(entry)
          model.set(id, entry)
        }
        expect(table.size).toBe(model.size)
        expect(table.get(id)).toBe(model.get(id))
      }
      for (let id = 0; id <= 201; id += 1) expect(table.get(id)).toBe(model.get(id))
      expect(table.all().map(({ id }) => id)).toEqual([...model.keys()].sort((a, b) => a - b))
    }),
  )
})

test('a table of ids finds each of ten thousand, and the few that are left of them', () => {
  const table = new IdTable<{ readonly id: number }>()
  const entries = Array.from({ length: 10_000 }, (_, place) => ({ id: 2 * place + 1 }))
  for (const entry of entries) table.add(entry)
  expect(entries.every(entry => table.get(entry.id) === entry)).toBe(true)
  for (const { id } of entries) if (id % 999 !== 0) table.delete(id)
  expect(table.all()).toEqual(entries.filter(({ id }) => id % 999 === 0))
})
