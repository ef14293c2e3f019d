import { ServiceError } from '../errors.js'
import type { NodeLoad } from '../selector.js'

/** The node at `index`, which the caller has computed to be there. Throws `internal` when it is not: the list is empty or `random` left [0, 1). */
export function nodeAt(nodes: readonly NodeLoad[], index: number): NodeLoad {
  const load = nodes[index]
  if (load === undefined)
    throw new ServiceError('internal', `strategy: there is no node ${index} among ${nodes.length}`)
  return load
}
