import { concatMap, defer, finalize, mergeMap, of, retry } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ServiceError, type Link } from 'headrace/streams'
import {
  createConnectionPool,
  type ConnectionPoolEvent,
  type ConnectionPoolOptions,
} from '../../../src/actors/connection-pool.js'
import { ScriptedTransport, type ScriptedLink } from '../../support/scripted-transport.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const address = '127.0.0.1:1'

function setup(options: ConnectionPoolOptions = {}, callsPerLink = 1) {
  const clock = new VirtualClock()
  const transport = new ScriptedTransport(callsPerLink)
  const events: ConnectionPoolEvent[] = []
  const pool = createConnectionPool(transport, { clock, report: event => events.push(event), ...options })
  /** Acquires, and uses the link that comes. */
  const acquire = (dedicated = false, at = address) => {
    const caller: { link?: ScriptedLink; error?: ServiceError; finish(): void; leave(): void } = {
      finish: () => {
        caller.link?.finish()
        if (caller.link !== undefined) pool.settled(caller.link)
      },
      leave: () => subscription.unsubscribe(),
    }
    const subscription = pool.acquire(at, { dedicated }).subscribe({
      next: link => {
        caller.link = link as ScriptedLink
        caller.link.use()
      },
      error: (error: ServiceError) => (caller.error = error),
    })
    return caller
  }
  const connect = () => {
    const dial = transport.dials[0]
    if (dial === undefined) throw new Error('nobody dials')
    return dial.connect()
  }
  const stats = () =>
    pool.stats().map(({ links, idle, dialling, waiting }) => [links, idle, dialling, waiting])
  return { clock, transport, events, pool, acquire, connect, stats }
}

describe('enqueue', () => {
  it('serves in one line with acquire, and at once where a link has room; a place can be given up', () => {
    const { pool, acquire, connect, transport, stats } = setup()
    const told: string[] = []
    const enqueue = (name: string) =>
      pool.enqueue(address, {
        dedicated: false,
        take: link => told.push(`${name} took ${link.peer}`),
        fail: ({ kind }) => told.push(`${name} failed: ${kind}`),
      })
    acquire()
    const giveUp = enqueue('gone')
    enqueue('second')
    giveUp()
    expect(stats()).toEqual([[0, 0, 3, 2]])
    connect()
    expect(told).toEqual([])
    connect()
    expect(told).toEqual([`second took ${address}`])
    enqueue('third')
    expect(told).toEqual([`second took ${address}`, `third took ${address}`])
    expect(transport.dialled).toBe(3)
  })

  it('turns away who would be one too many, and who comes when it has closed', async () => {
    const { pool } = setup({ maxWaiting: 1 })
    const told: string[] = []
    const enqueue = () =>
      pool.enqueue(address, { dedicated: false, take: () => undefined, fail: ({ kind }) => told.push(kind) })
    enqueue()
    enqueue()
    expect(told).toEqual(['resource_exhausted'])
    const closed = pool.close()
    enqueue()
    expect(told).toEqual(['resource_exhausted', 'unavailable', 'unavailable'])
    await closed
  })
})

describe('acquire', () => {
  it('dials when there is no link, and lends the one that is there afterwards', () => {
    const { pool, acquire, connect, transport, stats } = setup()
    const first = acquire()
    expect(stats()).toEqual([[0, 0, 1, 1]])
    expect(first.link).toBeUndefined()
    const link = connect()
    expect(first.link).toBe(link)
    expect(pool.ready(address)).toBeUndefined()
    first.finish()
    expect(pool.ready(address)).toBe(link)
    expect(acquire().link).toBe(link)
    expect(transport.dialled).toBe(1)
  })

  it('of ten thousand in one turn dials as often as is allowed, and serves all in their order', () => {
    const { pool, transport, stats } = setup()
    const served: number[] = []
    const done: (() => void)[] = []
    for (let caller = 0; caller < 10_000; caller += 1) {
      pool.acquire(address).subscribe(link => {
        served.push(caller)
        const finish = link.request({ headers: {}, body: new Uint8Array() }, { reply() {}, fail() {} })
        done.push(() => {
          finish()
          pool.settled(link)
        })
      })
    }
    expect(transport.dialled).toBe(64)
    expect(stats()).toEqual([[0, 0, 64, 10_000]])
    for (const dial of [...transport.dials]) dial.connect()
    for (let next = done.shift(); next !== undefined; next = done.shift()) next()
    expect(served).toEqual(Array.from({ length: 10_000 }, (_, caller) => caller))
    expect(transport.dialled).toBe(64)
    expect(stats()).toEqual([[64, 64, 0, 0]])
  })

  it('dials one link for as many as it carries', () => {
    const { acquire, transport, connect, stats } = setup({}, 10)
    const callers = Array.from({ length: 25 }, () => acquire())
    expect(transport.dialled).toBe(3)
    connect()
    expect(callers.filter(({ link }) => link).length).toBe(10)
    expect(stats()).toEqual([[1, 0, 2, 15]])
  })

  it('gives up the place when it is unsubscribed; the dial goes on', () => {
    const { pool, acquire, connect } = setup()
    const [first, second] = [acquire(), acquire()]
    first.leave()
    const link = connect()
    expect([first.link, second.link]).toEqual([undefined, link])
    expect(pool.ready(address)).toBeUndefined()
  })

  it('lends the link that was used last', () => {
    const { pool, acquire, transport } = setup()
    const callers = [acquire(), acquire(), acquire()]
    for (const dial of [...transport.dials]) dial.connect()
    for (const at of [2, 0, 1]) callers[at]?.finish()
    expect(pool.ready(address)).toBe(callers[1]?.link)
  })

  it('refuses when too many wait', () => {
    const { acquire, pool } = setup({ maxWaiting: 1 })
    acquire()
    const refused = acquire(false, '127.0.0.1:2')
    expect(refused.error).toMatchObject({ kind: 'resource_exhausted' })
    expect(refused.error?.message).toContain('127.0.0.1:2')
    expect(pool.stats().length).toBe(1)
  })

  it('passes a link on that the caller did not use', () => {
    const { pool, connect } = setup()
    const seen: (Link | string)[] = []
    pool.acquire(address).subscribe(() => seen.push('unused'))
    pool.acquire(address).subscribe(link => seen.push(link))
    const link = connect()
    expect(seen).toEqual(['unused', link])
  })

  it('is not confused by a caller who settles or acquires within next', () => {
    const { pool, connect } = setup()
    const order: string[] = []
    const use = (name: string, link: Link) => {
      order.push(name)
      const scripted = link as ScriptedLink
      scripted.use()
      scripted.finish()
      pool.settled(link)
    }
    pool
      .acquire(address)
      .pipe(
        concatMap(link =>
          defer(() => {
            use('a', link)
            return pool.acquire(address)
          }),
        ),
      )
      .subscribe(link => use('c', link))
    pool.acquire(address).subscribe(link => use('b', link))
    connect()
    expect(order).toEqual(['a', 'b', 'c'])
  })
})

describe('a dial', () => {
  it('that fails is told to those who wait, with the address and the cause', () => {
    const { acquire, transport, events, pool, clock } = setup()
    const caller = acquire()
    const cause = new ServiceError('unavailable', 'connection refused')
    transport.dials[0]?.refuse(cause)
    expect(caller.error).toMatchObject({
      kind: 'unavailable',
      message: `dial ${address}: connection refused`,
      cause,
    })
    expect(events).toMatchObject([{ kind: 'dial_failed', address, error: caller.error }, { kind: 'stopped' }])
    expect(pool.stats()).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('that fails while another is under way is not', () => {
    const { acquire, transport, connect } = setup()
    const callers = [acquire(), acquire()]
    transport.dials[0]?.refuse()
    expect(callers.map(({ error }) => error)).toEqual([undefined, undefined])
    const link = connect()
    expect(callers.map(caller => caller.link)).toEqual([link, undefined])
    callers[0]?.finish()
    expect(callers[1]?.link).toBe(link)
  })

  it('that fails is followed by one at a time until one succeeds', () => {
    const { acquire, transport, connect } = setup()
    const callers = [acquire(), acquire(), acquire()]
    connect()
    for (const dial of [...transport.dials]) dial.refuse()
    expect(transport.dials.length).toBe(0)
    callers.push(acquire(), acquire())
    expect(transport.dials.length).toBe(1)
    connect()
    expect(transport.dials.length).toBe(3)
  })

  it('that takes too long is given up', () => {
    const { pool, acquire, transport, clock } = setup({ dialTimeoutMs: 100 })
    const caller = acquire()
    clock.advance(99)
    expect(caller.error).toBeUndefined()
    clock.advance(1)
    expect(caller.error).toMatchObject({
      kind: 'timeout',
      message: `dial ${address}: no connection after 100 ms`,
    })
    expect(transport.dials.length).toBe(0)
    pool.retire(address) // until then it is dialled in the background
    expect(clock.pending).toBe(0)
  })

  it('can be tried again from the error', () => {
    const { pool, transport, connect } = setup()
    const got: Link[] = []
    pool
      .acquire(address)
      .pipe(retry(1))
      .subscribe(link => got.push(link))
    transport.dials[0]?.refuse()
    const link = connect()
    expect(got.map(one => one === link)).toEqual([true])
  })
})

describe('a dedicated link', () => {
  it('leaves the pool, and its place is free', () => {
    const { acquire, connect, stats, pool, transport } = setup({ maxConnectionsPerAddress: 1 })
    const stream = acquire(true)
    const call = acquire()
    const link = connect()
    expect(stream.link).toBe(link)
    expect(stats()).toEqual([[0, 0, 1, 1]])
    const second = connect()
    expect(call.link).toBe(second)
    stream.finish()
    expect(pool.ready(address)).toBeUndefined()
    expect(transport.alive().length).toBe(2)
  })

  it('may be one that idles in the pool', () => {
    const { acquire, connect, stats } = setup()
    const call = acquire()
    const link = connect()
    call.finish()
    expect(acquire(true).link).toBe(link)
    expect(stats()).toEqual([])
  })

  it('is never one that carries calls', () => {
    const { acquire, connect, transport } = setup({}, 10)
    const call = acquire()
    const shared = connect()
    const stream = acquire(true)
    expect(stream.link).toBeUndefined()
    expect(acquire().link).toBe(shared)
    expect(call.link).toBe(shared)
    expect(stream.link).not.toBe(shared)
    expect(transport.dials.length).toBe(1)
  })
})

describe('a link', () => {
  it('that has been idle for long enough is closed; one timer for all', () => {
    const { acquire, transport, clock, stats, pool } = setup()
    const callers = [acquire(), acquire()]
    for (const dial of [...transport.dials]) dial.connect()
    callers[0]?.finish()
    expect(clock.pending).toBe(1)
    clock.advance(30_000)
    callers[1]?.finish()
    clock.advance(15_000)
    expect(stats()).toEqual([[1, 1, 0, 0]])
    expect(clock.pending).toBe(1)
    clock.advance(29_999)
    expect(pool.ready(address)).toBe(callers[1]?.link)
    clock.advance(1)
    expect(stats()).toEqual([])
    expect([transport.alive().length, clock.pending]).toEqual([0, 0])
  })

  it('that is busy stays', () => {
    const { acquire, connect, clock, transport } = setup()
    const caller = acquire()
    connect()
    clock.advance(200_000)
    expect(transport.alive().length).toBe(1)
    caller.finish()
    clock.advance(44_999)
    expect(transport.alive().length).toBe(1)
    clock.advance(1)
    expect(transport.alive().length).toBe(0)
  })

  it('that has closed is gone at once, and those who wait get another', () => {
    const { acquire, connect, pool, transport } = setup({ maxConnectionsPerAddress: 1 })
    const busy = acquire()
    const link = connect()
    const waits = acquire()
    expect(transport.dials.length).toBe(0)
    link.close()
    expect(pool.ready(address)).toBeUndefined()
    const other = connect()
    expect(waits.link).toBe(other)
    busy.finish()
    expect(pool.ready(address)).toBeUndefined()
  })
})

describe('retire', () => {
  it('closes idle links now and busy ones when they are done; then dials anew', () => {
    const { acquire, transport, pool, connect, clock } = setup()
    const callers = [acquire(), acquire()]
    const [idle, busy] = [connect(), connect()]
    callers[0]?.finish()
    pool.retire(address)
    expect([idle.alive, busy.alive]).toEqual([false, true])
    expect(pool.ready(address)).toBeUndefined()
    const later = acquire()
    expect(transport.dials.length).toBe(1)
    callers[1]?.finish()
    expect(busy.alive).toBe(false)
    expect(later.link).toBeUndefined()
    const link = connect()
    expect(later.link).toBe(link)
    expect(link.alive).toBe(true)
    expect(clock.pending).toBe(1)
  })

  it('counts what is still to close', () => {
    const { acquire, transport, pool, connect } = setup({ maxConnectionsPerAddress: 1 })
    const busy = acquire()
    connect()
    pool.retire(address)
    const later = acquire()
    expect(transport.dials.length).toBe(0)
    busy.finish()
    const link = connect()
    expect(later.link).toBe(link)
  })

  it('lets a dial that is under way serve those who wait, but not those who come later', () => {
    const { acquire, pool, connect } = setup()
    const waits = acquire()
    pool.retire(address)
    const link = connect()
    expect(waits.link).toBe(link)
    waits.finish()
    expect(link.alive).toBe(false)
    expect(pool.stats()).toEqual([])
  })

  it('does not touch a link that was handed out', () => {
    const { acquire, pool, connect } = setup()
    const stream = acquire(true)
    pool.retire(address)
    const link = connect()
    expect(stream.link).toBe(link)
    expect([link.retired, link.alive]).toEqual([false, true])
    expect(pool.stats()).toEqual([])
  })

  it('of an unknown address does nothing', () => {
    const { pool } = setup()
    pool.retire(address)
    expect(pool.stats()).toEqual([])
  })
})

describe('close', () => {
  it('turns away who waits, gives up dials, closes idle links and waits for busy ones', async () => {
    const { acquire, transport, pool, connect, clock, events } = setup({ maxConnectionsPerAddress: 2 })
    const [busy, idle] = [acquire(), acquire()]
    connect()
    connect()
    idle.finish()
    const elsewhere = acquire(false, '127.0.0.1:2')
    let closed = false
    const closing = pool.close()
    void closing.then(() => (closed = true))
    expect(pool.close()).toBe(closing)
    expect(elsewhere.error).toMatchObject({ kind: 'unavailable', message: 'the connection pool was closed' })
    expect(transport.dials.length).toBe(0)
    expect(idle.link?.alive).toBe(false)
    await Promise.resolve()
    expect(closed).toBe(false)
    expect(acquire().error).toMatchObject({ kind: 'unavailable' })
    expect(pool.ready(address)).toBeUndefined()
    busy.finish()
    await closing
    expect([transport.alive().length, clock.pending]).toEqual([0, 0])
    expect(events.filter(({ kind }) => kind !== 'stopped')).toEqual([])
  })

  it('of an empty pool is done at once', async () => {
    await setup().pool.close()
  })

  it('is overtaken by abort, which closes everything now', async () => {
    const { acquire, pool, connect, transport, clock } = setup()
    acquire()
    const link = connect()
    const closing = pool.close()
    const error = new ServiceError('cancelled', 'over')
    pool.abort(error)
    await closing
    expect(link.abortedWith).toBe(error)
    expect([transport.alive().length, clock.pending]).toEqual([0, 0])
  })

  it('by abort tells those who wait why', async () => {
    const { acquire, pool, transport } = setup()
    const caller = acquire()
    const error = new ServiceError('cancelled', 'over')
    pool.abort(error)
    expect(caller.error).toBe(error)
    expect(transport.dials.length).toBe(0)
    await pool.close()
  })
})

it('a transport that throws instead of dialling is a failed dial', () => {
  const { transport, acquire } = setup()
  transport.dial = () => {
    throw new Error('broken')
  }
  expect(acquire().error).toMatchObject({ kind: 'internal', message: `dial ${address}: broken` })
})

it('names a wrong option', () => {
  const wrong = { idleSeconds: 1 } as ConnectionPoolOptions
  expect(() => createConnectionPool(new ScriptedTransport(), wrong)).toThrow("unknown option 'idleSeconds'")
})

it('can be composed: a call acquires, uses and settles', () => {
  const { pool, connect, transport } = setup({ maxConnectionsPerAddress: 2 })
  let calls = 0
  const call = pool.acquire(address).pipe(
    mergeMap(link => {
      ;(link as ScriptedLink).use()
      return of(++calls).pipe(
        finalize(() => {
          ;(link as ScriptedLink).finish()
          pool.settled(link)
        }),
      )
    }),
  )
  for (let caller = 0; caller < 100; caller += 1) call.subscribe()
  connect()
  expect(calls).toBe(100)
  expect(transport.dialled).toBe(2)
})
