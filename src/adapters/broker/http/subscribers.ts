import type { NodeRecord, ServiceRecord } from '../../../streams/index.js'
import { broadcastVersion, brokerService, topicService } from '../../../wire/broker-http.js'
import type { Groups } from './feeding.js'

/** In the metadata of a node of version 1: the id that the same subscription has in the record of 2017. */
const twinKey = 'headrace-twin'

/** What one subscription says of itself. */
export interface Subscriber {
  readonly topic: string
  readonly queue: string | undefined
  readonly address: string
  readonly metadata: NodeRecord['metadata']
  /** Its ids in the two records. */
  readonly ids: SubscriptionIds
}

/** The ids of one subscription: publishers of 2017 and headrace know it by the first, those of version 1 by the second. */
export interface SubscriptionIds {
  readonly own: string
  readonly twin: string
}

/**
 * The ids of a subscription, in the forms of 2017 and of version 1 (PROTOCOL sections 11 and 14.6). The second is one label of a DNS
 * name, so what it has of the topic is short and has no dots.
 */
export function subscriptionIds(broker: string, topic: string, unique: string): SubscriptionIds {
  const label = topic.replace(/[^\w-]/g, '_').slice(0, 26)
  return { own: `${broker}.${unique}`, twin: `${label}-${unique}` }
}

/** The two records of a subscription: that of 2017, and that of version 1. */
export function recordsOf({ topic, queue, address, metadata, ids }: Subscriber): {
  readonly own: ServiceRecord
  readonly twin: ServiceRecord
} {
  const rest = { version: queue ?? broadcastVersion, metadata: {}, endpoints: [] }
  const twin = { ...metadata, topic, broker: 'http', [twinKey]: ids.own }
  return {
    own: { ...rest, name: topicService(topic), nodes: [{ id: ids.own, address, metadata }] },
    twin: { ...rest, name: brokerService, nodes: [{ id: ids.twin, address, metadata: twin }] },
  }
}

/**
 * Who gets the messages of a topic: the nodes of the broadcast version each alone, those of every other version, a queue, together. `own`
 * are the records of `topic:<topic>`, `shared` those of version 1 for all topics. A subscription that is in both is there once.
 */
export function groupSubscribers(
  topic: string,
  own: readonly ServiceRecord[],
  shared: readonly ServiceRecord[],
): Groups {
  const groups = new Map<string, NodeRecord[]>()
  const seen = new Set<string>()
  const add = (version: string, node: NodeRecord) => {
    if (seen.has(node.id)) return
    seen.add(node.id)
    const key = version === broadcastVersion ? node.id : `queue ${version}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  for (const { version, nodes } of own) for (const node of nodes) add(version, node)
  for (const { version, nodes } of shared)
    for (const node of nodes) if (isFor(topic, node)) add(version, asTwin(node))
  return groups
}

/** As publishers of version 1 choose. */
function isFor(topic: string, { metadata }: NodeRecord): boolean {
  return metadata['topic'] === topic && metadata['broker'] === 'http'
}

/** A node that has a record of 2017, too, has its id, whichever of the two is seen first, or alone. */
function asTwin(node: NodeRecord): NodeRecord {
  const twin = node.metadata[twinKey]
  return twin === undefined ? node : { ...node, id: twin }
}
