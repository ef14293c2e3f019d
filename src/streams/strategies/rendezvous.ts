import type { Choose, NodeLoad, Strategy } from '../selector.js'
import { hashText, mix } from './hash.js'
import { nodeAt } from './node-at.js'
import { random } from './random.js'

/** The hashes of a list's node ids, place by place. */
interface HashedList {
  readonly nodes: readonly NodeLoad[]
  readonly first: Uint32Array
  readonly second: Uint32Array
}

/**
 * The node that {@link PickOptions.key} belongs to: the same key finds the same node in every process, and when a node
 * leaves only its keys move (highest random weight). A choice without a key is random. Looks at every node.
 */
export function rendezvous(): Strategy {
  return clock => {
    const keyless: Choose = random()(clock)
    let hashed: HashedList | undefined
    return (nodes, context) => {
      if (context.key === undefined) return keyless(nodes, context)
      if (hashed?.nodes !== nodes) hashed = hashList(nodes)
      return heaviest(hashed, context.key)
    }
  }
}

function hashList(nodes: readonly NodeLoad[]): HashedList {
  const hashes = nodes.map(({ node }) => hashText(node.id))
  return {
    nodes,
    first: Uint32Array.from(hashes, hash => hash.first),
    second: Uint32Array.from(hashes, hash => hash.second),
  }
}

function heaviest({ nodes, first, second }: HashedList, key: string): NodeLoad {
  const hash = hashText(key)
  let best = 0
  let weight = -1
  let tieWeight = -1
  for (let place = 0; place < nodes.length; place += 1) {
    const candidate = mix((first[place] ?? 0) ^ hash.first)
    if (candidate < weight) continue
    // Ids whose first hashes are equal tie for every key: the second decides, whatever the order of the list.
    const tie = mix((second[place] ?? 0) ^ hash.second)
    if (candidate === weight && tie <= tieWeight) continue
    best = place
    weight = candidate
    tieWeight = tie
  }
  return nodeAt(nodes, best)
}
