import type { Strategy } from 'headrace/streams'
import { proveLaws, type Law, type TestRunner } from './law.js'
import type { FastCheck } from './strategy/arbitraries.js'
import { balanceLaws } from './strategy/balance-laws.js'
import { generalLaws } from './strategy/general-laws.js'
import { stickyLaws } from './strategy/sticky-laws.js'

/** What a strategy promises beyond choosing one of the nodes; each is proven by laws of its own. */
export interface StrategyPromises {
  /** Every node of equals is chosen now and then. */
  readonly spread?: boolean
  /** Each node in its turn. */
  readonly fair?: boolean
  /** Always a node with the fewest uses in flight. */
  readonly leastInFlight?: boolean
  /** Of two that are equal otherwise, the one with fewer uses in flight. */
  readonly prefersIdle?: boolean
  /** The same key finds the same node. */
  readonly sticky?: boolean
}

/** The laws of a strategy, as properties over any nodes, loads and keys. The subject makes the strategy. */
export function strategyLaws(fc: FastCheck): readonly Law<() => Strategy>[] {
  return [...generalLaws(fc), ...balanceLaws(fc), ...stickyLaws(fc)]
}

/**
 * Declares a test for each law of all strategies, and for those of what this one promises.
 *
 * ```ts
 * import * as fc from 'fast-check'
 * import { describe, it } from 'node:test'
 * import { proveStrategy } from 'headrace/conformance'
 *
 * proveStrategy({ describe, it }, fc, 'oldest first', oldestFirst)
 * ```
 */
export function proveStrategy(
  runner: TestRunner,
  fc: FastCheck,
  name: string,
  create: () => Strategy,
  promises: StrategyPromises = {},
): void {
  const features: Readonly<Record<string, boolean>> = { ...promises }
  const laws = strategyLaws(fc).filter(({ needs }) => needs === undefined || features[needs] === true)
  proveLaws(runner, name, laws, {
    features,
    setup: () => create,
    teardown: async () => undefined,
  })
}
