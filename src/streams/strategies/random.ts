import type { Strategy } from '../selector.js'
import { nodeAt } from './node-at.js'

/** Any node, each equally likely, every choice by itself. */
export function random(): Strategy {
  return clock => nodes => nodeAt(nodes, Math.floor(clock.random() * nodes.length))
}
