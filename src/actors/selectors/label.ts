import type { Selector } from '../../streams/selector.js'
import { preferLabels, type Label } from '../../streams/strategies/prefer-labels.js'
import { createSelector } from '../selector.js'
import type { SelectorOptions } from '../selector-options.js'

/** Options of {@link label}. */
export interface LabelSelectorOptions extends SelectorOptions {
  /** What is preferred, the most wanted first. @default none: plain round robin */
  readonly labels?: readonly Label[]
}

/**
 * go-micro's label selector (PROTOCOL section 7): round robin through the nodes with the first label, then the next, then the rest. A call
 * goes to a later group when no node of the groups before it is left, or all are to be avoided. One difference: the original began
 * every call with the same node, here the position survives.
 */
export function label({ labels = [], ...options }: LabelSelectorOptions): Selector {
  return createSelector({ name: 'label', strategy: preferLabels(...labels), ...options })
}
