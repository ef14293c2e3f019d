import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDeadlines } from '../../src/actors/deadlines.js'
import { VirtualClock } from '../support/virtual-clock.js'

type Act =
  | { readonly kind: 'add'; readonly inMs: number }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('add'),
    inMs: fc.oneof(fc.integer({ min: -20, max: 200 }), fc.integer({ max: 1e6 })),
  }),
  fc.record({ kind: fc.constant('cancel'), which: fc.nat(40) }),
  fc.record({ kind: fc.constant('wait'), ms: fc.nat(150) }),
)

it('a deadline expires once, never early, at most one tick late, and never after it was cancelled', () => {
  const acts = fc.array(act, { maxLength: 60 })
  const check = (list: readonly Act[], tickMs: number, reaction: number) => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock, { tickMs })
    const known: {
      at: number
      added: number
      cancel: () => void
      state: 'waits' | 'expired' | 'cancelled'
    }[] = []
    const waiting = () => known.filter(({ state }) => state === 'waits')
    const cancel = (which: number) => {
      const entry = known[which % Math.max(1, known.length)]
      entry?.cancel()
      if (entry?.state === 'waits') entry.state = 'cancelled'
    }
    const add = (at: number, react: boolean) => {
      const entry = {
        at,
        added: clock.now(),
        cancel: () => undefined as void,
        state: 'waits' as 'waits' | 'expired' | 'cancelled',
      }
      known.push(entry)
      entry.cancel = deadlines.add(at, () => {
        expect(entry.state).toBe('waits')
        expect(clock.now()).toBeGreaterThanOrEqual(at)
        expect(clock.now()).toBeLessThan(Math.max(at, entry.added) + tickMs)
        entry.state = 'expired'
        if (!react) return
        cancel(reaction)
        add(clock.now() + reaction - 20, false)
      })
    }
    for (const next of list) {
      if (next.kind === 'add') add(clock.now() + next.inMs, next.inMs % 3 === 0)
      else if (next.kind === 'cancel') cancel(next.which)
      else clock.advance(next.ms)
      expect(deadlines.size).toBe(waiting().length)
      expect(clock.pending).toBeLessThanOrEqual(1)
      if (waiting().length > 0) expect(clock.pending).toBe(1)
    }
    clock.advance(2e6)
    expect(deadlines.size).toBe(0)
    expect(waiting()).toEqual([])
    expect(clock.pending).toBe(0)
  }
  fc.assert(fc.property(acts, fc.integer({ min: 1, max: 25 }), fc.nat(40), check), { numRuns: 300 })
})
