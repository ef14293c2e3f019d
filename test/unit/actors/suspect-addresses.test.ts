import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import {
  createConnectionPool,
  type ConnectionPoolEvent,
  type ConnectionPoolOptions,
} from '../../../src/actors/connection-pool.js'
import { ScriptedTransport, type ScriptedLink } from '../../support/scripted-transport.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const address = '127.0.0.1:1'
const silence = new ServiceError('timeout', 'no answer')

function setup(options: ConnectionPoolOptions = {}) {
  const clock = new VirtualClock()
  const transport = new ScriptedTransport(100)
  const events: ConnectionPoolEvent[] = []
  const pool = createConnectionPool(transport, { clock, report: event => events.push(event), ...options })
  const seen: string[][] = []
  pool.suspects.subscribe(suspects => seen.push([...suspects]))
  const link = (): ScriptedLink => {
    const got: ScriptedLink[] = []
    pool.acquire(address).subscribe(each => got.push(each as ScriptedLink))
    transport.dials[0]?.connect()
    const [first] = got
    if (first === undefined) throw new Error('no link')
    return first
  }
  /** Its peer falls silent, and the connection is given up. */
  const dead = () => {
    const it = link()
    it.silent(true)
    it.close()
  }
  const told = () => events.filter(({ kind }) => kind === 'suspect' || kind === 'answers again')
  return { clock, transport, pool, events, seen, link, dead, told }
}

describe('an address', () => {
  it('is suspect while a link to it is, and not any more at once when that is heard of', () => {
    const { seen, link, transport, told } = setup()
    const silent = link()
    silent.silent(true)
    silent.silent(false)
    expect(seen).toEqual([[], [address], []])
    expect(transport.dialled).toBe(1)
    expect(told()).toEqual([
      { kind: 'suspect', address },
      { kind: 'answers again', address },
    ])
  })

  it('stays suspect when the link is given up, and is dialled in the background until that has an outcome', () => {
    const { seen, dead, transport, clock, events } = setup()
    dead()
    expect(transport.dialled).toBe(2)
    for (let n = 0; n < 5; n += 1) {
      transport.dials[0]?.refuse(silence)
      clock.advance(999)
      expect(transport.dials).toHaveLength(0)
      clock.advance(1)
      expect(transport.dials).toHaveLength(1)
    }
    expect(seen).toEqual([[], [address]])
    transport.dials[0]?.connect()
    expect(seen).toEqual([[], [address], []])
    expect(events.filter(({ kind }) => kind === 'dial_failed')).toEqual([])
  })

  it('that refuses has answered: whoever calls hears so at once', () => {
    const { seen, dead, transport, clock, pool } = setup()
    dead()
    transport.dials[0]?.refuse()
    expect(seen).toEqual([[], [address], []])
    clock.advance(60_000)
    expect([transport.dialled, pool.stats(), clock.pending]).toEqual([2, [], 0])
  })

  it('that has not answered a dial for anybody is suspect, too', () => {
    const { pool, transport, seen, clock } = setup()
    const errors: string[] = []
    pool.acquire(address).subscribe({ error: ({ kind }: ServiceError) => errors.push(kind) })
    transport.dials[0]?.refuse(silence)
    expect([errors, seen]).toEqual([['timeout'], [[], [address]]])
    clock.advance(1_000)
    transport.dials[0]?.connect()
    expect(seen).toEqual([[], [address], []])
  })

  it('is given up after ten minutes: the next caller finds out', () => {
    const { dead, transport, clock, seen, pool } = setup()
    dead()
    for (let n = 0; n < 600; n += 1) {
      transport.dials[0]?.refuse(silence)
      clock.advance(1_000)
    }
    expect(seen.at(-1)).toEqual([address])
    transport.dials[0]?.refuse(silence)
    expect([seen.at(-1), pool.stats(), clock.pending]).toEqual([[], [], 0])
  })

  it('serves who waits for it all the same', () => {
    const { dead, pool, transport } = setup()
    dead()
    const got: unknown[] = []
    pool.acquire(address).subscribe(link => got.push(link))
    expect(transport.dials).toHaveLength(1)
    const link = transport.dials[0]?.connect()
    expect(got).toEqual([link])
  })

  it('whose node has left is dialled no more', () => {
    const { dead, pool, transport, clock, seen } = setup()
    dead()
    transport.dials[0]?.refuse(silence)
    pool.retire(address)
    clock.advance(60_000)
    expect([transport.dialled, seen.at(-1), pool.stats(), clock.pending]).toEqual([2, [], [], 0])
  })

  it('is forgotten with the pool, whichever way that ends', async () => {
    for (const end of ['close', 'abort'] as const) {
      const { dead, pool, transport, clock, seen } = setup()
      let completed = false
      pool.suspects.subscribe({ complete: () => (completed = true) })
      dead()
      if (end === 'close') transport.dials[0]?.refuse(silence)
      if (end === 'abort') pool.abort(silence)
      await pool.close()
      clock.advance(60_000)
      expect([transport.dials, seen.at(-1), completed, clock.pending]).toEqual([[], [], true, 0])
    }
  })
})
