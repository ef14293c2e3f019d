import type { NodeLoad, Strategy } from '../selector.js'
import { nodeAt } from './node-at.js'

/**
 * One node after the other, from a random start, so that many clients do not all begin with the same node. The position
 * survives across calls; when the list changes, it goes on with the node whose turn it was, or else with the next one that
 * is still there.
 */
export function roundRobin(): Strategy {
  return clock => {
    let list: readonly NodeLoad[] | undefined
    let position = 0
    return nodes => {
      if (nodes !== list) {
        position =
          list === undefined ? Math.floor(clock.random() * nodes.length) : resume(list, position, nodes)
        list = nodes
      }
      const chosen = nodeAt(nodes, position)
      position = position + 1 === nodes.length ? 0 : position + 1
      return chosen
    }
  }
}

/** Where in `nodes` the walk over `before` goes on. */
function resume(before: readonly NodeLoad[], position: number, nodes: readonly NodeLoad[]): number {
  const places = new Map(nodes.map(({ node }, place) => [node.id, place]))
  for (let step = 0; step < before.length; step += 1) {
    const place = places.get(nodeAt(before, (position + step) % before.length).node.id)
    if (place !== undefined) return place
  }
  return Math.floor((position / before.length) * nodes.length)
}
