import { firstValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createBrokerHub, memory } from 'headrace/adapters/broker/memory'
import { ServiceError, type AdapterEvent, type Message } from 'headrace/streams'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const message = (text: string): Message => ({ headers: {}, body: Buffer.from(text) })

describe('the memory broker', () => {
  it('copies what is published, also when it is a Buffer', async () => {
    const broker = memory()
    const got: string[] = []
    broker.subscribe('events').subscribe(event => {
      if (event.kind === 'delivery') got.push(Buffer.from(event.delivery.value.body).toString())
    })
    await settle(1)
    const body = Buffer.from('hello')
    const published = firstValueFrom(broker.publish('events', { headers: {}, body }).pipe(toArray()))
    body.fill(0)
    await published
    expect(got).toEqual(['hello'])
    await broker.close()
  })

  it('reports resource_exhausted when the time of the publish has passed', async () => {
    const clock = new VirtualClock()
    const broker = memory({ clock, window: 1, publishTimeoutMs: 700 })
    broker.subscribe('events').subscribe()
    await settle(1)
    await firstValueFrom(broker.publish('events', message('taken')))
    const waits = firstValueFrom(broker.publish('events', message('waits')))
    await settle(1)
    clock.advance(699)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    expect((await waits).error?.kind).toBe('resource_exhausted')
    await broker.close()
  })

  it('tells a nack as a fault, and not more than twenty in a second', async () => {
    const clock = new VirtualClock()
    const broker = memory({ clock })
    const events: AdapterEvent[] = []
    broker.events.subscribe(event => events.push(event))
    broker.subscribe('events').subscribe(event => {
      if (event.kind === 'delivery') event.delivery.nack(new ServiceError('internal', 'failed'))
    })
    await settle(1)
    for (let turn = 0; turn < 25; turn += 1) await firstValueFrom(broker.publish('events', message('x')))
    expect(events).toHaveLength(20)
    expect(events[0]).toMatchObject({ kind: 'fault', adapter: 'memory', error: { message: 'failed' } })
    clock.advance(1_000)
    await firstValueFrom(broker.publish('events', message('x')))
    expect(events.slice(20)).toMatchObject([
      { kind: 'notice', text: '5 more events were not shown' },
      { kind: 'fault' },
    ])
    await broker.close()
  })

  it('can be closed from inside a delivery', async () => {
    const hub = createBrokerHub()
    const broker = memory({ hub })
    let ended = false
    broker.subscribe('events').subscribe({
      next: event => (event.kind === 'delivery' ? void broker.close() : undefined),
      complete: () => (ended = true),
    })
    await settle(1)
    await firstValueFrom(memory({ hub }).publish('events', message('last')))
    await broker.close()
    expect(ended).toBe(true)
  })

  it('has nobody left when a subscriber unsubscribes as it hears that it is ready', async () => {
    const hub = createBrokerHub()
    const broker = memory({ hub })
    await firstValueFrom(broker.subscribe('events'))
    expect(hub.groups('events')).toEqual([])
    await broker.close()
  })

  it.each([{ timeoutMs: -1 }, { timeoutMs: Infinity }, { wait: 1 }])(
    'refuses to publish with %j',
    options => {
      expect(() => memory().publish('events', message('x'), options as never)).toThrow(
        expect.objectContaining({ kind: 'bad_request' }),
      )
    },
  )

  it('names unknown options', () =>
    expect(() => memory({ size: 1 } as never)).toThrow(/unknown option 'size'/))
})
