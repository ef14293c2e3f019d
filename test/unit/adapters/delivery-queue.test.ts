import { expect, it } from 'vitest'
import { DeliveryQueue } from '../../../src/adapters/delivery-queue.js'
import { VirtualClock } from '../../support/virtual-clock.js'

function queueOf(...texts: string[]) {
  const clock = new VirtualClock()
  const queue = new DeliveryQueue<string>({ subscriber: 'a', limit: texts.length, clock })
  const outcomes: string[] = []
  const giveUps = texts.map(text =>
    queue.offer(text, 1_000, error => outcomes.push(`${text}: ${error?.kind ?? 'ok'}`)),
  )
  return { clock, queue, outcomes, giveUps }
}

it('deliveries that were taken and put back, newest first, are again before all others, in their order', () => {
  const { clock, queue, outcomes } = queueOf('a', 'b', 'c')
  const taken = [queue.take(), queue.take()]
  for (const pending of taken.reverse()) if (pending !== undefined) queue.putBack(pending)
  expect([queue.first?.value, queue.size]).toEqual(['a', 3])
  expect([queue.take(), queue.take(), queue.take()].map(pending => pending?.value)).toEqual(['a', 'b', 'c'])
  clock.advance(1_000)
  expect(outcomes).toEqual(['a: timeout', 'b: timeout', 'c: timeout'])
})

it('a delivery that was put back and is not taken in time found no room', () => {
  const { clock, queue, outcomes } = queueOf('a')
  const pending = queue.take()
  if (pending !== undefined) queue.putBack(pending)
  clock.advance(1_000)
  expect(outcomes).toEqual(['a: resource_exhausted'])
})

it('a delivery that nobody waits for any more is not put back', () => {
  const { queue, giveUps } = queueOf('a')
  const pending = queue.take()
  giveUps[0]?.()
  if (pending !== undefined) queue.putBack(pending)
  expect(queue.first).toBeUndefined()
})
