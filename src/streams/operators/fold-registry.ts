import { distinctUntilChanged, scan, type OperatorFunction } from 'rxjs'
import type { NodeRecord, RegistryEvent, ServiceRecord } from '../registry.js'
import { shareList, shareValue } from '../share-structure.js'

const nothing: readonly ServiceRecord[] = []

/**
 * The changes of a registry to snapshots: all services, an entry for each version that has nodes. A snapshot shares every
 * record that an event left as it was with the snapshot before.
 *
 * Cold. First value: with the first event, which is a `reset`. Then one for each event that changes something. Completes
 * and errors as its source does; unsubscribing unsubscribes from it. Emits as events come and queues nothing.
 */
export function foldRegistry(): OperatorFunction<RegistryEvent, readonly ServiceRecord[]> {
  return events => events.pipe(scan(applyRegistryEvent, nothing), distinctUntilChanged())
}

/**
 * The services after an event; the same array when the event changes nothing. Versions and nodes keep their places, new
 * ones come last. A node is in one version of a service, the one that named it last; a version without nodes is not listed.
 */
export function applyRegistryEvent(
  services: readonly ServiceRecord[],
  event: RegistryEvent,
): readonly ServiceRecord[] {
  if (event.kind === 'reset') return shareList(services, collect(event.services), keyOf, shareService)
  const { service } = event
  const known = services.filter(({ name }) => name === service.name)
  const changed = event.kind === 'delete' ? withoutNodes(known, service) : withNodes(known, service)
  const versions = shareList(known, changed, keyOf, shareService)
  return versions === known ? services : replaceVersions(services, service.name, versions)
}

function collect(services: readonly ServiceRecord[]): readonly ServiceRecord[] {
  const byName = new Map<string, readonly ServiceRecord[]>()
  for (const service of services) byName.set(service.name, withNodes(byName.get(service.name) ?? [], service))
  return [...byName.values()].flat()
}

function withNodes(versions: readonly ServiceRecord[], service: ServiceRecord): readonly ServiceRecord[] {
  const named = new Map(service.nodes.map(node => [node.id, node]))
  const others = versions.map(version => withoutIds(version, named))
  const same = others.find(({ version }) => version === service.version)
  const merged = { ...service, nodes: [...(same?.nodes ?? []), ...named.values()] }
  return [...others.filter(version => version !== same), merged].filter(hasNodes)
}

function withoutNodes(versions: readonly ServiceRecord[], service: ServiceRecord): readonly ServiceRecord[] {
  if (service.nodes.length === 0) return versions.filter(({ version }) => version !== service.version)
  const named = new Map(service.nodes.map(node => [node.id, node]))
  const left = versions.map(known => (known.version === service.version ? withoutIds(known, named) : known))
  return left.filter(hasNodes)
}

function withoutIds(service: ServiceRecord, ids: ReadonlyMap<string, NodeRecord>): ServiceRecord {
  return { ...service, nodes: service.nodes.filter(({ id }) => !ids.has(id)) }
}

function replaceVersions(
  services: readonly ServiceRecord[],
  name: string,
  versions: readonly ServiceRecord[],
): readonly ServiceRecord[] {
  const left = new Map(versions.map(version => [version.version, version]))
  const replaced: ServiceRecord[] = []
  for (const service of services) {
    const record = service.name === name ? left.get(service.version) : service
    if (record !== undefined) replaced.push(record)
    if (service.name === name) left.delete(service.version)
  }
  return [...replaced, ...left.values()]
}

function shareService(before: ServiceRecord, after: ServiceRecord): ServiceRecord {
  const metadata = shareValue(before.metadata, after.metadata)
  const endpoints = shareValue(before.endpoints, after.endpoints)
  const nodes = shareList(before.nodes, after.nodes, ({ id }) => id, shareValue)
  const same = metadata === before.metadata && endpoints === before.endpoints && nodes === before.nodes
  return same ? before : { ...after, metadata, endpoints, nodes }
}

// JSON keeps a name from running into a version whatever characters a peer puts into them.
function keyOf({ name, version }: ServiceRecord): string {
  return JSON.stringify([name, version])
}

function hasNodes({ nodes }: ServiceRecord): boolean {
  return nodes.length > 0
}
