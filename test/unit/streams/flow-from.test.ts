import { NEVER, Subject, map, of, range, share, type Subscription } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { createFlow, work } from 'headrace/streams'
import { createDelivery, type Delivery } from '../../../src/streams/delivery.js'
import { deliveriesOf } from '../../../src/streams/flow.js'
import { flowFrom } from '../../../src/streams/flow-from.js'

/** A Flow whose deliveries say what became of them. */
function watched() {
  const deliveries = new Subject<Delivery<number>>()
  const acked: number[] = []
  const push = (value: number) =>
    deliveries.next(createDelivery(value, error => void acked.push(error === undefined ? value : -value)))
  return { flow: createFlow(deliveries), push, acked, end: () => deliveries.complete() }
}

describe('a Flow from', () => {
  test('a Flow is that Flow', () => {
    const { flow } = watched()
    expect(flowFrom(flow)).toBe(flow)
  })

  test('an iterable pulls: the next value is asked for when the one before is answered', () => {
    const pulled: number[] = []
    const source = {
      *[Symbol.iterator]() {
        for (let n = 0; n < 3; n += 1) {
          pulled.push(n)
          yield n
        }
      },
    }
    const got: Delivery<number>[] = []
    deliveriesOf(flowFrom(source))?.subscribe({
      next: delivery => got.push(delivery),
      error: () => undefined,
    })
    expect(pulled).toEqual([0])
    got[0]?.ack()
    expect(pulled).toEqual([0, 1])
  })

  test('operators over a Flow holds its deliveries until its own are answered', () => {
    const { flow, push, acked } = watched()
    const got: Delivery<number>[] = []
    deliveriesOf(flowFrom(flow.pipe(map(n => n * 10))))?.subscribe({
      next: delivery => got.push(delivery),
      error: () => undefined,
    })
    push(1)
    push(2)
    expect([got.map(({ value }) => value), acked]).toEqual([[10, 20], []])
    got[1]?.ack()
    expect(acked).toEqual([2])
  })

  test('a Flow that others go on with lets go of what it held when it is left', () => {
    const { flow, push, acked } = watched()
    const shared = flow.pipe(share())
    const other: number[] = []
    shared.subscribe({ next: value => other.push(value), error: () => undefined })
    const left = flowFrom(shared.pipe(map(n => n)))
      .pipe(work(() => NEVER))
      .subscribe({ error: () => undefined })
    push(1)
    expect(acked).toEqual([])
    left.unsubscribe()
    push(2)
    expect([acked, other]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('a Flow that ends when it is left leaves its deliveries unanswered: they stay with the deliverer', () => {
    const { flow, push, acked } = watched()
    const left: Subscription = flowFrom(flow.pipe(map(n => n)))
      .pipe(work(() => NEVER))
      .subscribe({ error: () => undefined })
    push(1)
    left.unsubscribe()
    expect(acked).toEqual([])
  })

  test('an Observable that pushes more than 256 unanswered values fails, and the source stops', () => {
    let made = 0
    const source = range(0, 1e9).pipe(map(n => (made = n)))
    let failure: unknown
    deliveriesOf(flowFrom(source))?.subscribe({
      next: () => undefined,
      error: (error: unknown) => (failure = error),
    })
    expect([failure, made]).toEqual([expect.objectContaining({ kind: 'resource_exhausted' }), 256])
  })

  test('an Observable whose values are answered has no such limit', () => {
    let count = 0
    flowFrom(range(0, 10_000)).subscribe({ next: () => (count += 1), error: () => undefined })
    expect(count).toBe(10_000)
  })

  test('ends as its source does', async () => {
    const seen: number[] = []
    for await (const n of flowFrom(of(1, 2))) seen.push(n)
    for await (const n of flowFrom([3, 4])) seen.push(n)
    expect(seen).toEqual([1, 2, 3, 4])
  })
})
