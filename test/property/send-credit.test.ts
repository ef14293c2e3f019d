import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SendCredit } from 'headrace/streams'

const limits = { messages: 64, bytes: 10_000 }
const step = fc.record({
  sends: fc.nat({ max: 20 }),
  bytes: fc.nat({ max: 4000 }),
  taken: fc.nat({ max: 30 }),
  /** What the peer takes. */
  allowed: fc.option(fc.nat({ max: 40 }), { nil: Infinity }),
})

it('credit never exceeds the window, is told once for each message at most, and never runs dry for good', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const credit = new SendCredit(limits)
      let [told, grants, sent] = [0, 0, 0]
      credit.demand.subscribe({
        next: more => {
          told += more
          grants += 1
        },
        error: fail,
      })
      const underWay: number[] = []
      const refill = (allowed: number) => {
        const bytes = underWay.reduce((sum, each) => sum + each, 0)
        credit.refill(underWay.length, bytes, allowed)
      }
      for (const { sends, bytes, taken, allowed } of steps) {
        for (let n = 0; n < sends && credit.available > 0; n += 1) {
          credit.take(bytes)
          underWay.push(bytes)
          sent += 1
        }
        underWay.splice(0, taken)
        const before = credit.available
        refill(allowed)
        expect(credit.available).toBeLessThanOrEqual(Math.max(before, allowed))
        expect(credit.available).toBe(told - sent)
        expect(underWay.length + credit.available).toBeLessThanOrEqual(limits.messages)
        expect(grants).toBeLessThanOrEqual(sent + 1)
      }
      underWay.length = 0
      refill(Infinity)
      expect(credit.available).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})

it('sending without credit throws, and demand ends with it', () => {
  const credit = new SendCredit({ messages: 2, bytes: 10 })
  credit.take(1)
  credit.take(1)
  expect(() => credit.take(1)).toThrow(/beyond demand/)
  const seen: unknown[] = []
  credit.demand.subscribe({ next: more => seen.push(more), error: fail, complete: () => seen.push('end') })
  credit.finish()
  credit.demand.subscribe({ error: fail, complete: () => seen.push('end') })
  expect(seen).toEqual([0, 'end', 'end'])
})

function fail(error: unknown): never {
  throw error
}
