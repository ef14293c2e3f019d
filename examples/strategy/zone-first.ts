import { powerOfTwo, type Strategy } from 'headrace'
import type { NodeLoad } from 'headrace/streams'

/** Stays in a zone while the node found there has fewer than `maxInFlight` calls in flight; then any zone will do. */
export function zoneFirst(zone: string, maxInFlight = 16): Strategy {
  return clock => {
    const choose = powerOfTwo()(clock)
    let all: readonly NodeLoad[] = []
    let near: readonly NodeLoad[] = []
    return (nodes, context) => {
      // The list is the same object until something changes: nothing is filtered for a single call.
      if (nodes !== all) {
        all = nodes
        near = nodes.filter(({ node }) => node.metadata['zone'] === zone)
      }
      if (near.length === 0) return choose(all, context)
      const nearest = choose(near, context)
      return nearest.inFlight < maxInFlight ? nearest : choose(all, context)
    }
  }
}
