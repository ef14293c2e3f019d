import type { Observable } from 'rxjs'
import type { Clock } from './clock.js'
import type { ServiceError } from './errors.js'
import type { ServiceNode } from './registry.js'

/** What is known of a node from using it. One record for each node, updated in place by the selector: read it, do not keep it. */
export interface NodeLoad {
  readonly node: ServiceNode
  /** Uses that were picked and not yet reported. */
  readonly inFlight: number
  /** Moving average of the latency of answered calls in milliseconds, peaks remembered; 0 before the first. */
  readonly latencyMs: number
  /** When `latencyMs` was last updated, in milliseconds of the clock. */
  readonly measuredAt: number
  /** Failures of the node in a row; a success makes it 0. */
  readonly failures: number
}

/** What a choice may depend on besides the nodes. */
export interface ChoiceContext {
  /** What {@link PickOptions.key} gave. */
  readonly key?: string
}

/**
 * Chooses one of `nodes`, which is never empty, and returns it. Synchronous and on the hot path: no copy, no filter.
 * The list is the same object until something changes, so a strategy may keep what it computed from it.
 */
export type Choose = (nodes: readonly NodeLoad[], context: ChoiceContext) => NodeLoad

/** A way to choose. Called once for each list it serves (a service, or a service behind a filter), so state such as a position is its own. */
export type Strategy = (clock: Clock) => Choose

/** Says whether a node may be chosen. Pure. */
export type Filter = (node: ServiceNode) => boolean

/**
 * A filter whose answer changes: each function it emits replaces the one before. Until the first, all nodes pass.
 * If it errors or completes the last one stays.
 */
export type LiveFilter = Observable<Filter>

/** What one choice may ask for. Lists are kept by identity: reuse the same `filter` and `strategy` objects, a new one costs one pass over the nodes. */
export interface PickOptions {
  /** Only nodes that pass. A live one is subscribed to at its first use, and left when it was not used for a while. */
  readonly filter?: Filter | LiveFilter
  readonly strategy?: Strategy
  /** For strategies that hash. */
  readonly key?: string
  /** Node ids to avoid if others are left, for example those already tried. */
  readonly avoid?: readonly string[]
}

/** Chooses nodes for calls. Each node that `pick` or `select` gives is a use that is owed one {@link report}. */
export interface Selector {
  /** The word by which flags know it. */
  readonly name: string

  /** Chooses now, over the latest snapshot. `undefined` when there is none yet, or nothing to choose: {@link select} tells which. */
  pick(service: string, options?: PickOptions): ServiceNode | undefined

  /**
   * The same choice, made at subscription, so `retry` around it picks again. Cold. Emits one node and completes; waits for the first
   * snapshot. Errors `not_found` when no node is left to choose from, `unavailable` when the registry cannot be reached.
   * Unsubscribing stops waiting; a node that was emitted is owed its report all the same.
   */
  select(service: string, options?: PickOptions): Observable<ServiceNode>

  /**
   * What may be chosen now, after filters, ejection, and without nodes that do not answer. Hot: the first value is the present snapshot, at once when there is one; then each change.
   * Never completes before the selector closes; errors `unavailable` when the registry stays out of reach for too long. Unsubscribing lets the
   * service be forgotten after a while. A slow consumer sees the latest, nothing queues.
   */
  candidates(service: string, options?: Pick<PickOptions, 'filter'>): Observable<readonly ServiceNode[]>

  /**
   * Tells how a use ended. `error` is the failure of the *node*: unreachable, timed out, broken; an error that a handler returned is a
   * success of its node. Without a latency and an error, as after a cancelled use, it says nothing of the node and only ends the use.
   * A node that the selector does not know is ignored. Synchronous.
   */
  report(node: ServiceNode, latencyMs: number | undefined, error?: ServiceError): void

  /** Forgets the failures of a service's nodes (go-micro's `Reset`). */
  reset(service: string): void

  /** Ends all watches. All calls share one promise. */
  close(): Promise<void>
}
