import type { Selector } from '../../streams/selector.js'
import { createSelector } from '../selector.js'
import type { SelectorOptions } from '../selector-options.js'

/**
 * go-micro's blacklist (PROTOCOL section 7): a node with 3 failures in a row is left out until 30 s have passed since its last one; a
 * success, and `reset`, forget them at once. Two differences: the time is exact, where the original swept every 30 s, and when all
 * nodes are out all are candidates, where the original answered `none available`.
 */
export function blacklist(options: SelectorOptions): Selector {
  const ejection = {
    failures: 3,
    unavailableFailures: 3,
    baseMs: 30_000,
    maxMs: 30_000,
    jitter: 0,
    probation: false,
  }
  return createSelector({ name: 'blacklist', ...options, ejection: { ...ejection, ...options.ejection } })
}
