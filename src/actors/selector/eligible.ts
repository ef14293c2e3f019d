import { ServiceError } from '../../streams/errors.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Filter } from '../../streams/selector.js'
import type { EjectedNodes } from './ejection.js'
import { passAll } from './live-filters.js'

/**
 * The items whose nodes pass the filters and are not out; when all that pass are out, all that pass: ejection never leaves
 * nothing. Throws `internal` when a filter throws.
 */
export function eligible<T>(
  items: readonly T[],
  nodeOf: (item: T) => ServiceNode,
  filters: readonly Filter[],
  ejected: EjectedNodes,
): readonly T[] {
  const asking = filters.filter(filter => filter !== passAll)
  const passing = asking.length === 0 ? items : items.filter(item => passes(nodeOf(item), asking))
  if (ejected.size === 0) return passing
  const present = passing.filter(item => (ejected.get(nodeOf(item).id)?.phase ?? 'probation') === 'probation')
  return present.length === 0 ? passing : present
}

function passes(node: ServiceNode, filters: readonly Filter[]): boolean {
  try {
    return filters.every(filter => filter(node))
  } catch (cause) {
    const { message } = ServiceError.from(cause)
    throw new ServiceError(
      'internal',
      `service ${node.service}: a filter threw at node ${node.id}: ${message}`,
      {
        cause,
      },
    )
  }
}
