import type { NodeLoad, Strategy } from '../selector.js'
import { nodeAt } from './node-at.js'

/**
 * The better of two nodes drawn at random: the one with fewer uses in flight. Close to {@link leastConn} at a price that
 * does not grow with the list, and many clients that use it do not all run to the same node.
 */
export function powerOfTwo(): Strategy {
  return clock => nodes => betterOfTwo(nodes, clock.random, uses)
}

/** Draws two different nodes and returns the one that costs less; of equals the first drawn. One number is enough for both: its digits beyond the first place are as random. */
export function betterOfTwo(
  nodes: readonly NodeLoad[],
  random: () => number,
  cost: (load: NodeLoad) => number,
): NodeLoad {
  const { length } = nodes
  const drawn = random() * length
  const first = Math.floor(drawn)
  if (length === 1) return nodeAt(nodes, first)
  const second = (first + 1 + Math.floor((drawn - first) * (length - 1))) % length
  const one = nodeAt(nodes, first)
  const other = nodeAt(nodes, second)
  return cost(other) < cost(one) ? other : one
}

function uses(load: NodeLoad): number {
  return load.inFlight
}
