import type { Selector } from '../../streams/selector.js'
import { createSelector } from '../selector.js'
import type { SelectorOptions } from '../selector-options.js'
import { blacklist } from './blacklist.js'
import { label } from './label.js'
import { named } from './named.js'

/** Makes one kind of selector. */
export type SelectorFactory = (options: SelectorOptions) => Selector

/**
 * The selectors by the words of `--selector`. `default` and `cache` are the same one: go-micro's default asked the registry at every call, here
 * every selector reads the registry cache.
 */
export const selectorFactories: Readonly<
  Record<'default' | 'cache' | 'blacklist' | 'label' | 'named', SelectorFactory>
> = {
  default: options => createSelector({ name: 'default', ...options }),
  cache: options => createSelector({ name: 'cache', ...options }),
  blacklist,
  label,
  named,
}
