import { NodeTable, ServiceError, type RegistryEvent, type ServiceRecord } from '../../../streams/index.js'

/** What a watch has told: it turns whole answers into events. */
export class KnownServices {
  private table = new NodeTable()
  private ids = new Map<string, ReadonlySet<string>>()
  private told = false

  constructor(private readonly maxNodes: number) {}

  /**
   * The events for all that there is now, given with one record for each node: `reset` for the first and after a gap that changed something, the changes otherwise, none when
   * nothing is new. Throws `resource_exhausted` for more nodes than are held.
   */
  replace(nodes: readonly ServiceRecord[], gap: boolean): readonly RegistryEvent[] {
    checkCount(nodes, this.maxNodes)
    const present = idsByName(nodes)
    const gone = [...this.ids].flatMap(([name, before]) => {
      const now = present.get(name)
      return this.table.remove(
        name,
        [...before].filter(id => now?.has(id) !== true),
      )
    })
    const changes = [...gone, ...nodes.flatMap(node => this.table.put(node))]
    this.ids = present
    if (this.told && !(gap && changes.length > 0)) return changes
    this.told = true
    return [{ kind: 'reset', services: this.table.all() }]
  }
}

/** Gathers nodes into one record for each version. Throws `resource_exhausted` for too many. */
export function gatherVersions(nodes: readonly ServiceRecord[], maxNodes: number): readonly ServiceRecord[] {
  checkCount(nodes, maxNodes)
  const table = new NodeTable()
  for (const node of nodes) table.put(node)
  return table.all()
}

function idsByName(nodes: readonly ServiceRecord[]): Map<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const record of nodes) {
    const ids = all.get(record.name) ?? new Set<string>()
    for (const { id } of record.nodes) ids.add(id)
    all.set(record.name, ids)
  }
  return all
}

function checkCount(nodes: readonly ServiceRecord[], maxNodes: number): void {
  if (nodes.length <= maxNodes) return
  throw new ServiceError(
    'resource_exhausted',
    `consul registry: ${nodes.length} nodes are registered, ${maxNodes} are held at most; raise maxNodes`,
  )
}
