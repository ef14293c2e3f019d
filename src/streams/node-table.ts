import type { Metadata } from './message.js'
import type { EndpointRecord, NodeRecord, RegistryEvent, ServiceRecord } from './registry.js'

/** What one node said about itself and its version, to notice when it says something else. */
interface Said {
  readonly node: NodeRecord
  readonly text: string
}

interface VersionEntry {
  metadata: Metadata
  endpoints: readonly EndpointRecord[]
  readonly nodes: Map<string, Said>
}

type NodeChange = Exclude<RegistryEvent, { kind: 'reset' }>

/**
 * What is registered, by service, version and node id. Each change returns the events that tell a watcher about it: none
 * when a node says what it said before. A node is in one version of its service at a time. Metadata and endpoints of a
 * version are those of the node that changed last: nodes of one version may list them in different orders.
 */
export class NodeTable {
  private readonly services = new Map<string, Map<string, VersionEntry>>()

  /** Puts the nodes of `service` in. */
  put(service: ServiceRecord): readonly NodeChange[] {
    const moved = this.removeElsewhere(service)
    const entry = this.entry(service)
    const created: NodeRecord[] = []
    const updated: NodeRecord[] = []
    for (const node of service.nodes) {
      const known = entry.nodes.get(node.id)
      const said = { node, text: JSON.stringify([service.metadata, service.endpoints, node]) }
      if (known?.text === said.text) continue
      const changed = known === undefined ? created : updated
      changed.push(node)
      entry.nodes.set(node.id, said)
      entry.metadata = service.metadata
      entry.endpoints = service.endpoints
    }
    return [...moved, ...change('create', service, created), ...change('update', service, updated)]
  }

  /** Takes nodes out, whatever version they are in. Unknown ones are no error. */
  remove(name: string, ids: Iterable<string>): readonly NodeChange[] {
    const gone = new Set(ids)
    return this.removeWhere(name, (_, id) => gone.has(id))
  }

  /** One record for each version of a service. */
  lookup(name: string): readonly ServiceRecord[] {
    const versions = this.services.get(name)
    if (versions === undefined) return []
    return [...versions].map(([version, entry]) => record(name, version, entry, nodesOf(entry)))
  }

  /** The names of all services, sorted. */
  names(): readonly string[] {
    return [...this.services.keys()].sort()
  }

  /** Everything, or everything of one service. */
  all(name?: string): readonly ServiceRecord[] {
    return name === undefined ? this.names().flatMap(each => this.lookup(each)) : this.lookup(name)
  }

  private removeElsewhere(service: ServiceRecord): readonly NodeChange[] {
    const ids = new Set(service.nodes.map(node => node.id))
    return this.removeWhere(service.name, (version, id) => version !== service.version && ids.has(id))
  }

  private removeWhere(name: string, leaves: (version: string, id: string) => boolean): readonly NodeChange[] {
    const versions = this.services.get(name)
    if (versions === undefined) return []
    const changes: NodeChange[] = []
    for (const [version, entry] of versions) {
      const gone = nodesOf(entry).filter(node => leaves(version, node.id))
      for (const node of gone) entry.nodes.delete(node.id)
      if (entry.nodes.size === 0) versions.delete(version)
      changes.push(...change('delete', record(name, version, entry, gone), gone))
    }
    if (versions.size === 0) this.services.delete(name)
    return changes
  }

  private entry({ name, version, metadata, endpoints }: ServiceRecord): VersionEntry {
    const versions = this.services.get(name) ?? new Map<string, VersionEntry>()
    const entry = versions.get(version) ?? { metadata, endpoints, nodes: new Map<string, Said>() }
    this.services.set(name, versions.set(version, entry))
    return entry
  }
}

function nodesOf(entry: VersionEntry): readonly NodeRecord[] {
  return Array.from(entry.nodes.values(), said => said.node)
}

function record(
  name: string,
  version: string,
  entry: VersionEntry,
  nodes: readonly NodeRecord[],
): ServiceRecord {
  return { name, version, metadata: entry.metadata, endpoints: entry.endpoints, nodes }
}

function change(
  kind: NodeChange['kind'],
  service: ServiceRecord,
  nodes: readonly NodeRecord[],
): readonly NodeChange[] {
  return nodes.length === 0 ? [] : [{ kind, service: { ...service, nodes } }]
}
