import type { Observable } from 'rxjs'
import type { Adapter } from './adapter.js'
import type { Metadata } from './message.js'

/** A message type as a registry shows it: fields nest, three levels in all (PROTOCOL section 8). */
export interface ValueRecord {
  readonly name: string
  readonly type: string
  readonly values: readonly ValueRecord[]
}

/** A method, or a subscriber of a topic, as a registry shows it. */
export interface EndpointRecord {
  readonly name: string
  readonly request: ValueRecord | undefined
  readonly response: ValueRecord | undefined
  readonly metadata: Metadata
}

/** One process that serves a service. */
export interface NodeRecord {
  /** Unique among all nodes, for example `greeter-6ba7b810-…`. */
  readonly id: string
  /** `host:port`; an IPv6 host is in brackets. Only `host` where there is no port. */
  readonly address: string
  readonly metadata: Metadata
}

/** One version of a service with the nodes that serve it. */
export interface ServiceRecord {
  readonly name: string
  readonly version: string
  readonly metadata: Metadata
  readonly endpoints: readonly EndpointRecord[]
  readonly nodes: readonly NodeRecord[]
}

/** A node together with what its service record says: what is chosen from, and what `discover` shows. */
export interface ServiceNode extends NodeRecord {
  readonly service: string
  readonly version: string
  readonly endpoints: readonly EndpointRecord[]
}

/**
 * A change of what is registered.
 * - `reset`: this is all there is; forget what was known before.
 * - `create`, `update`: the given nodes are there with these data. Nodes of the same version that are not named stay.
 * - `delete`: the given nodes are gone from that version; a service without nodes means that the whole version is.
 */
export type RegistryEvent =
  | { readonly kind: 'reset'; readonly services: readonly ServiceRecord[] }
  | { readonly kind: 'create' | 'update' | 'delete'; readonly service: ServiceRecord }

/** Options of one registration. */
export interface RegisterOptions {
  /** The node leaves the registry unless it is registered again within this time, in milliseconds. Default: it stays until deregistered. */
  readonly ttlMs?: number
}

/** Resolves names to nodes. Every Observable here is cold: it does its work once for each subscription. */
export interface Registry extends Adapter {
  /**
   * Puts the nodes of `service` into the registry, or refreshes them. Registering again replaces the record of the node.
   * Cold. Emits nothing; completes when the registry has accepted it. Errors: `bad_request` for a record that cannot be
   * registered, `unavailable` when the registry cannot be reached. Unsubscribing gives up waiting; what was sent stays sent.
   */
  register(service: ServiceRecord, options?: RegisterOptions): Observable<never>

  /** Takes the nodes of `service` out again; unknown ones are no error. Contract as for {@link register}. */
  deregister(service: ServiceRecord): Observable<never>

  /**
   * Asks once. Cold. Emits one list with an entry for each version (empty for an unknown name) and completes.
   * Errors `unavailable` when the registry cannot be reached. Unsubscribing cancels the question.
   */
  lookup(name: string): Observable<readonly ServiceRecord[]>

  /** The names of all services, sorted, once. Contract as for {@link lookup}. */
  list(): Observable<readonly string[]>

  /**
   * Follows one service, or all of them. Cold. Emits `reset` with the full set first, then changes, and `reset` again
   * after any gap. Never completes but when the adapter is closed. Errors `unavailable` when the backend is lost: subscribe
   * again. Unsubscribing ends the watch and its traffic. Emits as things change and keeps no queue: memory is bounded by
   * the number of services.
   */
  watch(name?: string): Observable<RegistryEvent>
}

/** The nodes of some service records, each with its service's name, version and endpoints. */
export function flattenNodes(services: readonly ServiceRecord[]): readonly ServiceNode[] {
  return services.flatMap(({ name, version, endpoints, nodes }) =>
    nodes.map(node => ({ ...node, service: name, version, endpoints })),
  )
}
