import { describe, expect, it } from 'vitest'
import { Inbox, ServiceError, type Delivery } from 'headrace/streams'

function collect(inbox: Inbox<number>, take: (delivery: Delivery<number>) => void = () => undefined) {
  const seen: unknown[] = []
  const subscription = inbox.incoming.subscribe({
    next: delivery => {
      seen.push(delivery.value)
      take(delivery)
    },
    error: (error: ServiceError) => seen.push(error.message),
    complete: () => seen.push('end'),
  })
  return { seen, subscription }
}

describe('an inbox', () => {
  it('counts what is not answered, waiting or handed over, and an answer counts once', () => {
    let answered = 0
    const inbox = new Inbox<number>(() => (answered += 1))
    inbox.push(1, 10)
    inbox.push(2, 20)
    expect([inbox.held, inbox.heldBytes]).toEqual([2, 30])
    collect(inbox, delivery => {
      delivery.ack()
      delivery.nack(new ServiceError('internal', 'too late'))
    })
    expect([inbox.held, inbox.heldBytes, answered]).toEqual([0, 0, 2])
  })

  it('keeps the order when an answer causes the next push', () => {
    const inbox: Inbox<number> = new Inbox(() => {
      if (next < 5) inbox.push((next += 1), 0)
    })
    let next = 1
    const { seen } = collect(inbox, delivery => delivery.ack())
    inbox.push(1, 0)
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  it('keeps what comes while nobody is there for the next subscriber', () => {
    const inbox = new Inbox<number>(() => undefined)
    for (const value of [1, 2, 3]) inbox.push(value, 0)
    const first: number[] = []
    const leaving = inbox.incoming.subscribe({
      next: delivery => void first.push(delivery.value),
      error: fail,
    })
    leaving.unsubscribe()
    inbox.push(4, 0)
    expect(first).toEqual([1, 2, 3])
    expect(collect(inbox).seen).toEqual([4])
  })

  it('ends after what waits, and aborts at once', () => {
    const ending = new Inbox<number>(() => undefined)
    ending.push(1, 0)
    ending.finish()
    ending.push(2, 0)
    expect(collect(ending).seen).toEqual([1, 'end'])
    expect(collect(ending).seen).toEqual(['end'])
    const aborted = new Inbox<number>(() => undefined)
    aborted.push(1, 0)
    aborted.abort(new ServiceError('cancelled', 'enough'))
    expect(collect(aborted).seen).toEqual(['enough'])
  })

  it('gives a second subscriber a conflict', () => {
    const inbox = new Inbox<number>(() => undefined)
    const { seen, subscription } = collect(inbox)
    expect(collect(inbox).seen).toEqual(['incoming has a subscriber already; use share()'])
    inbox.push(1, 0)
    subscription.unsubscribe()
    inbox.push(2, 0)
    expect([seen, collect(inbox).seen]).toEqual([[1], [2]])
  })
})

function fail(error: unknown): never {
  throw error
}
