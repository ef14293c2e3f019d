import fc from 'fast-check'
import type { Subscription } from 'rxjs'
import { expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { createConnectionPool, type ConnectionPool } from '../../src/actors/connection-pool.js'
import { ScriptedTransport, type ScriptedLink } from '../support/scripted-transport.js'
import { VirtualClock } from '../support/virtual-clock.js'

const addresses = ['127.0.0.1:1', '127.0.0.1:2']
const maxConnectionsPerAddress = 3

interface Caller {
  readonly number: number
  readonly address: string
  readonly dedicated: boolean
  subscription?: Subscription
  outcome: 'waits' | 'has a link' | 'failed' | 'left'
}

interface Use {
  readonly link: ScriptedLink
  readonly dedicated: boolean
}

/** The pool together with all that surrounds it, and the promises it must keep at each step. */
class World {
  readonly clock = new VirtualClock([0.1, 0.9])
  readonly transport: ScriptedTransport
  readonly pool: ConnectionPool
  readonly callers: Caller[] = []
  readonly uses: Use[] = []
  readonly handedOut = new Set<ScriptedLink>()
  private readonly lastServed = new Map<string, number>()
  /** What was wrong where RxJS would report an exception to nobody. */
  private readonly violations: unknown[] = []

  constructor(readonly callsPerLink: number) {
    this.transport = new ScriptedTransport(callsPerLink)
    this.pool = createConnectionPool(this.transport, {
      clock: this.clock,
      maxConnectionsPerAddress,
      idleMs: 1_000,
      dialTimeoutMs: 300,
    })
  }

  acquire(address: string, dedicated: boolean): void {
    const caller: Caller = { number: this.callers.length, address, dedicated, outcome: 'waits' }
    this.callers.push(caller)
    caller.subscription = this.pool.acquire(address, { dedicated }).subscribe({
      next: link =>
        this.must(() => {
          this.served(caller)
          this.use(link as ScriptedLink, dedicated)
        }),
      error: (error: unknown) =>
        this.must(() => {
          expect(error).toBeInstanceOf(ServiceError)
          expect(caller.outcome).toBe('waits')
          caller.outcome = 'failed'
        }),
    })
  }

  ready(address: string): void {
    const link = this.pool.ready(address) as ScriptedLink | undefined
    if (link === undefined) return
    expect(link.peer).toBe(address)
    this.use(link, false)
  }

  finish(which: number, cleanly: boolean): void {
    const [use] = this.uses.splice(which % Math.max(1, this.uses.length), 1)
    if (use === undefined) return
    if (cleanly) use.link.finish()
    else use.link.abort(new ServiceError('cancelled', 'not clean'))
    this.pool.settled(use.link)
    if (use.dedicated) use.link.close()
  }

  leave(which: number): void {
    const waiting = this.callers.filter(({ outcome }) => outcome === 'waits')
    const caller = waiting[which % Math.max(1, waiting.length)]
    if (caller === undefined) return
    caller.outcome = 'left'
    caller.subscription?.unsubscribe()
  }

  private must(check: () => void): void {
    try {
      check()
    } catch (violation) {
      this.violations.push(violation)
    }
  }

  check(): void {
    if (this.violations.length > 0) throw this.violations[0]
    for (const address of addresses) {
      const stats = this.pool.stats().find(entry => entry.address === address)
      const open = this.transport.alive(address).filter(link => !this.handedOut.has(link)).length
      const dialling = this.transport.dials.filter(dial => dial.address === address).length
      const waiting = this.callers.filter(
        caller => caller.address === address && caller.outcome === 'waits',
      ).length
      expect(open + dialling).toBeLessThanOrEqual(maxConnectionsPerAddress)
      expect({ links: open, dialling, waiting }).toEqual({
        links: stats?.links ?? 0,
        dialling: stats?.dialling ?? 0,
        waiting: stats?.waiting ?? 0,
      })
      if (waiting > 0) expect(open + dialling).toBeGreaterThan(0)
      this.checkNobodyWaitsBesideRoom(address)
    }
    let suspects = 0
    this.pool.suspects.subscribe(({ size }) => (suspects = size)).unsubscribe()
    expect(this.clock.pending).toBeLessThanOrEqual(this.transport.dials.length + 1 + suspects)
  }

  /** Ends everything, and nothing is left. */
  async end(gracefully: boolean): Promise<void> {
    const closing = gracefully ? this.pool.close() : undefined
    this.check()
    if (closing === undefined) this.pool.abort(new ServiceError('cancelled', 'over'))
    while (this.uses.length > 0) this.finish(0, true)
    await this.pool.close()
    expect(this.transport.alive()).toEqual([])
    expect(this.transport.dials).toEqual([])
    expect(this.pool.stats()).toEqual([])
    expect(this.clock.pending).toBe(0)
    this.pool.suspects.subscribe(({ size }) => expect(size).toBe(0)).unsubscribe()
    expect(this.callers.filter(({ outcome }) => outcome === 'waits')).toEqual([])
  }

  private use(link: ScriptedLink, dedicated: boolean): void {
    expect(this.handedOut.has(link)).toBe(false)
    if (dedicated) {
      expect(link.inUse).toBe(0)
      this.handedOut.add(link)
    }
    link.use() // throws when it has no room
    this.uses.push({ link, dedicated })
  }

  private served(caller: Caller): void {
    expect(caller.outcome).toBe('waits')
    caller.outcome = 'has a link'
    const line = `${caller.address} ${caller.dedicated}`
    expect(caller.number).toBeGreaterThan(this.lastServed.get(line) ?? -1)
    this.lastServed.set(line, caller.number)
  }

  private checkNobodyWaitsBesideRoom(address: string): void {
    const shared = this.callers.some(
      caller => caller.address === address && !caller.dedicated && caller.outcome === 'waits',
    )
    const room = this.transport.alive(address).some(link => link.room > 0 && !this.handedOut.has(link))
    expect(shared && room).toBe(false)
  }
}

const pick = fc.nat(20)
const at = fc.constantFrom(...addresses)
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(at, fc.boolean(), fc.boolean()).map(
      ([a, d, e]) =>
        (w: World) =>
          w.acquire(a, d && e),
    ),
  },
  { weight: 3, arbitrary: at.map(a => (w: World) => w.ready(a)) },
  {
    weight: 5,
    arbitrary: fc.tuple(pick, fc.boolean()).map(
      ([n, clean]) =>
        (w: World) =>
          w.finish(n, clean),
    ),
  },
  { weight: 3, arbitrary: pick.map(n => (w: World) => w.leave(n)) },
  {
    weight: 5,
    arbitrary: pick.map(
      n => (w: World) => void w.transport.dials[n % Math.max(1, w.transport.dials.length)]?.connect(),
    ),
  },
  {
    weight: 2,
    arbitrary: pick.map(
      n => (w: World) => w.transport.dials[n % Math.max(1, w.transport.dials.length)]?.refuse(),
    ),
  },
  {
    weight: 2,
    arbitrary: pick.map(n => (w: World) => {
      const alive = w.transport.alive()
      alive[n % Math.max(1, alive.length)]?.close()
    }),
  },
  {
    weight: 1,
    arbitrary: pick.map(
      n => (w: World) =>
        w.transport.dials[n % Math.max(1, w.transport.dials.length)]?.refuse(
          new ServiceError('timeout', 'no answer'),
        ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(pick, fc.boolean()).map(([n, silent]) => (w: World) => {
      const alive = w.transport.alive()
      alive[n % Math.max(1, alive.length)]?.silent(silent)
    }),
  },
  { weight: 1, arbitrary: at.map(a => (w: World) => w.pool.retire(a)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 100, 300, 999, 5_000).map(ms => (w: World) => w.clock.advance(ms)),
  },
)

it('a pool lends no more than there is, holds no more than it may, forgets nobody and leaks nothing', async () => {
  const check = async (
    steps: readonly ((world: World) => void)[],
    callsPerLink: number,
    gracefully: boolean,
  ) => {
    const world = new World(callsPerLink)
    for (const next of steps) {
      next(world)
      world.check()
    }
    await world.end(gracefully)
  }
  const steps = fc.array(step, { maxLength: 80 })
  await fc.assert(fc.asyncProperty(steps, fc.constantFrom(1, 1, 4), fc.boolean(), check), { numRuns: 1_000 })
})
