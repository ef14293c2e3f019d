import fc from 'fast-check'
import { BehaviorSubject, type Subscription } from 'rxjs'
import { expect, it } from 'vitest'
import { createRegistryCache, createSelector } from 'headrace/actors'
import { arbitraries, type Outcome } from 'headrace/conformance'
import {
  type ServiceError,
  byZone,
  leastConn,
  not,
  peakEwma,
  powerOfTwo,
  random,
  rendezvous,
  roundRobin,
  type Filter,
  type NodeLoad,
  type ServiceNode,
  type ServiceRecord,
  type Snapshot,
  type Strategy,
} from 'headrace/streams'
import { ScriptedRegistry } from '../support/scripted-registry.js'
import { VirtualClock } from '../support/virtual-clock.js'

const strategies = [random(), roundRobin(), leastConn(), powerOfTwo(), peakEwma(), rendezvous()]
const filters: readonly Filter[] = [byZone('a'), byZone('b'), not(byZone('a')), () => false, () => true]
const zoneA = byZone('a')

type Step =
  | { readonly kind: 'registered'; readonly snapshot: Snapshot }
  | {
      readonly kind: 'pick'
      readonly strategy: number
      readonly filter: 'none' | 'still' | 'live'
      readonly avoid: number
    }
  | { readonly kind: 'report'; readonly which: number; readonly outcome: Outcome }
  | { readonly kind: 'filter'; readonly which: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'lost' | 'select' | 'follow' | 'leave' | 'reset' }

const { snapshot, outcome } = arbitraries(fc)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('registered' as const), snapshot }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('pick' as const),
      strategy: fc.nat({ max: strategies.length - 1 }),
      filter: fc.constantFrom('none' as const, 'still' as const, 'live' as const),
      avoid: fc.nat({ max: 3 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('report' as const), which: fc.nat(), outcome }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('filter' as const), which: fc.nat({ max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 90_000 }) }) },
  ...(['lost', 'select', 'follow', 'leave', 'reset'] as const).map(kind => ({
    weight: 1,
    arbitrary: fc.constant({ kind }),
  })),
)

/** A selector beside the simplest account of what it should know. */
class Model {
  private readonly script = new ScriptedRegistry({ kind: 'reset', services: [] })
  private readonly clock = new VirtualClock([0.3, 0.8, 0.1, 0.6])
  private readonly cache = createRegistryCache({ registry: this.script.registry, clock: this.clock })
  private readonly selector = createSelector({ cache: this.cache, clock: this.clock })
  private readonly live = new BehaviorSubject<Filter>(() => true)
  private services: readonly ServiceRecord[] = []
  private readonly owed: ServiceNode[] = []
  private readonly subscriptions: Subscription[] = []
  private readonly wrong: string[] = []

  /** Returns what the strategy returns, and checks each record that it gets. */
  private readonly checked = strategies.map((strategy): Strategy => clock => {
    const choose = strategy(clock)
    return (loads, context) => {
      this.checkLoads(loads)
      return choose(loads, context)
    }
  })

  run(each: Step): void {
    switch (each.kind) {
      case 'registered':
        this.services = each.snapshot.services
        this.script.first = { kind: 'reset', services: this.services }
        this.script.tell(this.script.first)
        return
      case 'pick':
        return this.pick(each)
      case 'report': {
        const [node] = this.owed.length === 0 ? [] : this.owed.splice(each.which % this.owed.length, 1)
        if (node !== undefined) this.selector.report(node, each.outcome.latencyMs, each.outcome.error)
        return
      }
      case 'filter':
        return this.live.next(filters[each.which] ?? expect.fail())
      case 'time':
        return this.clock.advance(each.ms)
      case 'lost':
        this.script.lose()
        return this.clock.advance(5_000) // by then the watch is set up again
      case 'select':
        this.subscriptions.push(
          this.selector.select('greeter').subscribe({
            next: node => this.owed.push(node),
            error: (error: ServiceError) => {
              if (error.kind !== 'not_found' || this.known().length > 0) this.wrong.push(error.message)
            },
          }),
        )
        return
      case 'follow':
        this.subscriptions.push(
          this.selector.candidates('greeter').subscribe(nodes => this.checkCandidates(nodes)),
        )
        return
      case 'leave':
        return this.subscriptions.pop()?.unsubscribe()
      case 'reset':
        return this.selector.reset('greeter')
    }
  }

  async end(): Promise<void> {
    for (const node of this.owed.splice(0)) this.selector.report(node, 1)
    this.selector.pick('greeter', { strategy: this.checked[0] ?? expect.fail() })
    await this.selector.close()
    await this.cache.close()
    const { open } = this.script
    const closed = this.subscriptions.every(subscription => subscription.closed)
    const { wrong, clock, live } = this
    expect({ wrong, open, timers: clock.pending, live: live.observed, closed }).toEqual({
      wrong: [],
      open: 0,
      timers: 0,
      live: false,
      closed: true,
    })
  }

  private pick({ strategy, filter, avoid }: Extract<Step, { kind: 'pick' }>): void {
    const passes = filter === 'none' ? () => true : filter === 'still' ? zoneA : this.live.value
    const candidates = this.known().filter(passes)
    const avoided = candidates.slice(0, avoid).map(({ id }) => id)
    const picked = this.selector.pick('greeter', {
      strategy: this.checked[strategy] ?? expect.fail(),
      key: 'some key',
      avoid: avoided,
      ...(filter === 'none' ? {} : { filter: filter === 'still' ? zoneA : this.live }),
    })
    if (candidates.length === 0) return expect(picked).toBeUndefined()
    expect(candidates).toContainEqual(picked)
    if (picked !== undefined) this.owed.push(picked)
  }

  private known(): readonly ServiceNode[] {
    return this.services.flatMap(({ name, version, endpoints, nodes }) =>
      nodes.map(node => ({ ...node, service: name, version, endpoints })),
    )
  }

  private checkLoads(loads: readonly NodeLoad[]): void {
    expect(loads.length).toBeGreaterThan(0)
    for (const { node, inFlight } of loads) {
      expect(inFlight).toBe(this.owed.filter(({ id }) => id === node.id).length)
    }
  }

  /** Collects what is wrong: what an observer throws would only be seen later, out of this run. */
  private checkCandidates(nodes: readonly ServiceNode[]): void {
    const known = this.known()
    if (nodes.length > 0 !== known.length > 0)
      this.wrong.push(`${nodes.length} candidates of ${known.length}`)
    const ids = known.map(({ id }) => id)
    for (const { id } of nodes) if (!ids.includes(id)) this.wrong.push(`${id} is a candidate`)
  }
}

it('chooses only who is registered and passes, counts every use, and leaves nothing behind', async () => {
  const steps = fc.array(step, { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(steps, async all => {
      const model = new Model()
      for (const each of all) model.run(each)
      await model.end()
    }),
    { numRuns: 200 },
  )
})
