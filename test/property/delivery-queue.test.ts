import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ServiceError } from 'headrace/streams'
import { DeliveryQueue, type PendingDelivery } from '../../src/adapters/delivery-queue.js'
import { VirtualClock } from '../support/virtual-clock.js'

const limit = 3

/** What may happen to a queue, in any order. */
type Step =
  | { readonly do: 'offer'; readonly timeoutMs: number }
  | { readonly do: 'take' | 'fail' }
  | { readonly do: 'settle' | 'giveUp'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('offer' as const), timeoutMs: fc.integer({ min: 1, max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'giveUp' as const), which: fc.nat(20) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }),
  },
)

/** What should have become of one delivery. */
interface Expected {
  state: 'waiting' | 'taken' | 'settled' | 'given up'
  readonly expires: number
  outcome: string | undefined
}

it('a queue at a publisher does what its model does, whatever happens', () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), steps => {
    const clock = new VirtualClock()
    const queue = new DeliveryQueue<number>({ subscriber: 'a', limit, clock })
    const model: Expected[] = []
    const outcomes: string[][] = []
    const giveUps: (() => void)[] = []
    const taken: (PendingDelivery<number> | undefined)[] = []
    const waiting = () => model.filter(({ state }) => state === 'waiting')
    const end = (expected: Expected | undefined, outcome: string) => {
      if (expected === undefined || expected.state === 'settled' || expected.state === 'given up') return
      expected.state = 'settled'
      expected.outcome = outcome
    }
    const run = (next: Step) => {
      if (next.do === 'offer') {
        const full = waiting().length >= limit
        model.push({ state: 'waiting', expires: clock.now() + next.timeoutMs, outcome: undefined })
        if (full) end(model.at(-1), 'resource_exhausted')
        const index = model.length - 1
        outcomes.push([])
        giveUps.push(
          queue.offer(index, next.timeoutMs, (error?: ServiceError) =>
            outcomes[index]?.push(error?.kind ?? 'ok'),
          ),
        )
      } else if (next.do === 'take') {
        const pending = queue.take()
        const expected = waiting()[0]
        expect(pending?.value).toBe(expected === undefined ? undefined : model.indexOf(expected))
        if (expected !== undefined) expected.state = 'taken'
        if (pending !== undefined) taken[pending.value] = pending
      } else if (next.do === 'settle') {
        taken[next.which]?.settle()
        if (model[next.which]?.state === 'taken') end(model[next.which], 'ok')
      } else if (next.do === 'giveUp') {
        giveUps[next.which]?.()
        const expected = model[next.which]
        if (expected !== undefined && expected.state !== 'settled') expected.state = 'given up'
      } else if (next.do === 'fail') {
        for (const expected of waiting()) end(expected, 'failed')
        queue.fail(Object.assign(new Error('failed'), { kind: 'failed' }) as unknown as ServiceError)
      } else if (next.do === 'advance') {
        clock.advance(next.ms)
        for (const expected of model) {
          if (expected.expires <= clock.now())
            end(expected, expected.state === 'taken' ? 'timeout' : 'resource_exhausted')
        }
      }
      expect(queue.size).toBe(waiting().length)
      expect(queue.size).toBeLessThanOrEqual(limit)
      expect(outcomes).toEqual(model.map(({ outcome }) => (outcome === undefined ? [] : [outcome])))
      const open = model.filter(({ state }) => state === 'waiting' || state === 'taken')
      expect(clock.pending).toBe(Math.min(1, open.length))
    }
    steps.forEach(run)
  })
  fc.assert(property, { numRuns: 300 })
})
