import type { Clock } from '../../streams/clock.js'
import { ServiceError } from '../../streams/errors.js'
import type { Choose, Filter, LiveFilter, PickOptions, Strategy } from '../../streams/selector.js'
import type { Snapshot } from '../../streams/snapshot.js'
import { eligible } from './eligible.js'
import type { EjectedNodes } from './ejection.js'
import type { LiveFilters } from './live-filters.js'
import { TrackedNode } from './tracked-node.js'
import type { TrackedService } from './tracked-service.js'

/** What a view needs. `filters` are those of the selector, and of the caller. */
export interface ViewInit {
  readonly nodes: TrackedService
  readonly filters: readonly [Filter | LiveFilter, Filter | LiveFilter]
  readonly live: LiveFilters
  /** The addresses that do not answer; another set after each change. */
  readonly suspects: () => ReadonlySet<string>
  readonly strategy: Strategy
  readonly clock: Clock
}

/** One service behind one filter: the list that strategies choose from, made anew only when something has changed. */
export class View {
  private list: readonly TrackedNode[] = []
  private snapshot: Snapshot | undefined
  private ejected: EjectedNodes | undefined
  private suspects: ReadonlySet<string> | undefined
  private own: Filter | undefined
  private common: Filter | undefined
  private readonly usual: Chooser
  private readonly others = new WeakMap<Strategy, Chooser>()

  constructor(private readonly init: ViewInit) {
    this.usual = new Chooser(init.strategy, init.clock)
  }

  /** Chooses, or returns `undefined` when there is nothing to choose from. */
  choose(snapshot: Snapshot, options: PickOptions): TrackedNode | undefined {
    const list = this.candidates(snapshot)
    if (list.length === 0) return undefined
    const { strategy } = options
    return (strategy === undefined ? this.usual : this.chooser(strategy)).choose(list, options)
  }

  private candidates(snapshot: Snapshot): readonly TrackedNode[] {
    const { nodes, filters, live } = this.init
    const common = live.present(filters[0])
    const own = live.present(filters[1])
    const all = nodes.nodes(snapshot)
    const { ejected } = nodes
    const suspects = this.init.suspects()
    const same = snapshot === this.snapshot && ejected === this.ejected && suspects === this.suspects
    if (same && common === this.common && own === this.own) return this.list
    this.list = eligible(all, ({ node }) => node, [common, own], { ejected, suspects })
    this.snapshot = snapshot
    this.ejected = ejected
    this.suspects = suspects
    this.common = common
    this.own = own
    return this.list
  }

  private chooser(strategy: Strategy): Chooser {
    const known = this.others.get(strategy)
    if (known !== undefined) return known
    const chooser = new Chooser(strategy, this.init.clock)
    this.others.set(strategy, chooser)
    return chooser
  }
}

/** A strategy at work on one list, and on the shorter lists that are left when nodes are to be avoided. */
class Chooser {
  private readonly first: Choose
  private again: Choose | undefined

  constructor(
    private readonly strategy: Strategy,
    private readonly clock: Clock,
  ) {
    this.first = strategy(clock)
  }

  choose(list: readonly TrackedNode[], options: PickOptions): TrackedNode {
    const { avoid } = options
    const chosen = ofList(this.first(list, options))
    if (avoid === undefined || !avoid.includes(chosen.node.id)) return chosen
    const left = list.filter(({ node }) => !avoid.includes(node.id))
    if (left.length === 0) return chosen
    // A list of its own, so it gets a choice of its own: a position in the long list says nothing here.
    this.again ??= this.strategy(this.clock)
    return ofList(this.again(left, options))
  }
}

function ofList(chosen: unknown): TrackedNode {
  if (chosen instanceof TrackedNode) return chosen
  throw new ServiceError('internal', 'selector: the strategy returned something that is not in its list')
}
