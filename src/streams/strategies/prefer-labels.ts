import type { ServiceNode } from '../registry.js'
import type { NodeLoad, Strategy } from '../selector.js'
import { roundRobin } from './round-robin.js'

/** One entry of a node's metadata. */
export interface Label {
  readonly key: string
  readonly value: string
}

/**
 * Round robin through the nodes that have the first of these labels; through those with the next one when there are none, or all of
 * them are to be avoided; in the end through the rest.
 */
export function preferLabels(...labels: readonly Label[]): Strategy {
  const rankOf = ({ metadata }: ServiceNode) => {
    const rank = labels.findIndex(({ key, value }) => metadata[key] === value)
    return rank < 0 ? labels.length : rank
  }
  return clock => {
    const walk = roundRobin()(clock)
    let list: readonly NodeLoad[] | undefined
    let preferred: readonly NodeLoad[] = []
    return (nodes, context) => {
      if (nodes !== list) {
        const best = nodes.reduce((least, { node }) => Math.min(least, rankOf(node)), labels.length)
        preferred = nodes.filter(({ node }) => rankOf(node) === best)
        list = nodes
      }
      return walk(preferred, context)
    }
  }
}
