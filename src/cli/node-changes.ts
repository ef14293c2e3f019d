import { flattenNodes, type ServiceNode, type ServiceRecord } from '../streams/index.js'

/** One node that has come, gone, or been registered with other data. */
export interface NodeChange {
  readonly kind: 'up' | 'down' | 'changed'
  readonly node: ServiceNode
}

/** What has changed between two states of a registry, in their order: what is gone first. */
export function nodeChanges(
  before: readonly ServiceRecord[],
  after: readonly ServiceRecord[],
): readonly NodeChange[] {
  const [old, present] = [nodesById(before), nodesById(after)]
  const gone = [...old.entries()].filter(([id]) => !present.has(id)).map(([, node]) => node)
  const rest = [...present.entries()].flatMap(([id, node]): NodeChange[] => {
    const known = old.get(id)
    if (known === undefined) return [{ kind: 'up', node }]
    return isSame(known, node) ? [] : [{ kind: 'changed', node }]
  })
  return [...gone.map((node): NodeChange => ({ kind: 'down', node })), ...rest]
}

function nodesById(records: readonly ServiceRecord[]): ReadonlyMap<string, ServiceNode> {
  return new Map(flattenNodes(records).map(node => [JSON.stringify([node.service, node.id]), node]))
}

function isSame(before: ServiceNode, after: ServiceNode): boolean {
  return (
    before.version === after.version &&
    before.address === after.address &&
    before.metadata === after.metadata &&
    before.endpoints === after.endpoints
  )
}
