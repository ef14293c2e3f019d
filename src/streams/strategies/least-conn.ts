import type { NodeLoad, Strategy } from '../selector.js'
import { nodeAt } from './node-at.js'

/**
 * A node with the fewest uses in flight. Looks at every node until it finds an idle one, from a random place on, so that
 * equals share the load; for long lists {@link powerOfTwo} comes close at a constant price.
 */
export function leastConn(): Strategy {
  return clock => nodes => {
    const start = Math.floor(clock.random() * nodes.length)
    const best = leastOf(nodes, start, nodes.length, nodeAt(nodes, start))
    return best.inFlight === 0 ? best : leastOf(nodes, 0, start, best)
  }
}

function leastOf(nodes: readonly NodeLoad[], from: number, to: number, best: NodeLoad): NodeLoad {
  let least = best
  for (let place = from; place < to && least.inFlight > 0; place += 1) {
    const load = nodeAt(nodes, place)
    if (load.inFlight < least.inFlight) least = load
  }
  return least
}
