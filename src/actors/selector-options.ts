import { NEVER, isObservable, type Observable } from 'rxjs'
import { systemClock, type Clock } from '../streams/clock.js'
import type { ServiceError } from '../streams/errors.js'
import {
  count,
  given,
  milliseconds,
  resolveOptions,
  text,
  type OptionRule,
  type OptionRules,
} from '../streams/options.js'
import type { Filter, LiveFilter, Strategy } from '../streams/selector.js'
import { powerOfTwo } from '../streams/strategies/power-of-two.js'
import type { ActorEvent } from './actor-event.js'
import type { RegistryCache } from './registry-cache.js'
import type { EjectionOptions } from './selector/ejection-options.js'
import type { NodeEvent } from './selector/tracked-service.js'

/** What a selector wants known although nobody waits for it. */
export type SelectorEvent =
  NodeEvent | ActorEvent | { readonly kind: 'filter-failed'; readonly error: ServiceError }

/** Options of {@link createSelector} and of every selector. */
export interface SelectorOptions {
  /** Where snapshots come from. The selector does not close it: others may read it, too. */
  readonly cache: RegistryCache
  /** The word by which flags know the selector. @default 'default' */
  readonly name?: string
  /** @default the machine's clock */
  readonly clock?: Clock
  /**
   * How nodes are chosen where a call does not say. The default looks at what is in flight, which reacts to a slow node at once and needs no
   * history that could mislead; go-micro's was random.
   * @default powerOfTwo()
   */
  readonly strategy?: Strategy
  /** Only nodes that pass all of these are chosen, live ones as they say at the moment; a filter for one service asks for `node.service`. @default none */
  readonly filters?: readonly (Filter | LiveFilter)[]
  /** When nodes that fail are left out, and how they come back. @default see the type */
  readonly ejection?: EjectionOptions
  /**
   * The addresses whose nodes do not answer at the moment, as `ConnectionPool.suspects` tells them: they are not chosen while another node is there. Hot; subscribed to until the selector closes.
   * @default none
   */
  readonly suspects?: Observable<ReadonlySet<string>>
  /** Time in which an old measurement loses its weight in a node's latency to 37 %, in milliseconds. @default 10000 */
  readonly latencyDecayMs?: number
  /** How long a live filter is followed after its last use, in milliseconds; at most an eighth longer. @default 60000 */
  readonly idleMs?: number
  /** How many live filters are followed at the same time; of more, the oldest is left, and followed anew at its next use. @default 1000 */
  readonly maxLiveFilters?: number
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: SelectorEvent) => void
}

/** The options with every default filled in. Throws `bad_request` for a wrong one. */
export function resolveSelectorOptions(options: SelectorOptions): Required<SelectorOptions> {
  const rules: OptionRules<Required<SelectorOptions>> = {
    cache: given(options.cache),
    name: text('default'),
    clock: given(systemClock),
    strategy: functionRule(powerOfTwo()),
    filters: filtersRule,
    ejection: given<EjectionOptions>({}),
    suspects: given<Observable<ReadonlySet<string>>>(NEVER),
    latencyDecayMs: milliseconds(10_000, 1),
    idleMs: milliseconds(60_000, 1),
    maxLiveFilters: count(1_000),
    report: given<(event: SelectorEvent) => void>(() => undefined),
  }
  return resolveOptions<Required<SelectorOptions>>('selector', options, rules)
}

function functionRule<T>(fallback: T): OptionRule<T> {
  return {
    fallback,
    check: value =>
      typeof value === 'function' ? undefined : 'a function, such as roundRobin() with its parentheses',
  }
}

const filtersRule: OptionRule<readonly (Filter | LiveFilter)[]> = {
  fallback: [],
  check: value => {
    const fits = Array.isArray(value) && value.every(each => typeof each === 'function' || isObservable(each))
    return fits ? undefined : 'a list of functions and Observables'
  },
}
