import { ServiceError } from '../../streams/errors.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Filter } from '../../streams/selector.js'
import type { EjectedNodes } from './ejection.js'
import { passAll } from './live-filters.js'

/** Who is not to be chosen at the moment: nodes that failed, by id, and addresses that do not answer. */
export interface Absent {
  readonly ejected: EjectedNodes
  readonly suspects: ReadonlySet<string>
}

/**
 * The items whose nodes pass the filters and are neither out nor suspect; when none of them is left, all that pass: nothing is left only where nothing
 * was. Throws `internal` when a filter throws.
 */
export function eligible<T>(
  items: readonly T[],
  nodeOf: (item: T) => ServiceNode,
  filters: readonly Filter[],
  { ejected, suspects }: Absent,
): readonly T[] {
  const asking = filters.filter(filter => filter !== passAll)
  const passing = asking.length === 0 ? items : items.filter(item => passes(nodeOf(item), asking))
  if (ejected.size + suspects.size === 0) return passing
  const present = passing.filter(item => {
    const { id, address } = nodeOf(item)
    return (ejected.get(id)?.phase ?? 'probation') === 'probation' && !suspects.has(address)
  })
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
