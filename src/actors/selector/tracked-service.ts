import { catchError, of, type Observable } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import type { ServiceError } from '../../streams/errors.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Snapshot } from '../../streams/snapshot.js'
import { spawn } from '../actor.js'
import type { ActorEvent } from '../actor-event.js'
import type { Actor } from '../behavior.js'
import { ejection, type EjectedNodes, type EjectionMessage } from './ejection.js'
import type { EjectionOptions } from './ejection-options.js'
import { TrackedNode } from './tracked-node.js'

/** A node was put out after a failure, or has come back after a success. Nobody waits for it. */
export type NodeEvent =
  | { readonly kind: 'ejected'; readonly node: ServiceNode; readonly error: ServiceError }
  | { readonly kind: 'restored'; readonly node: ServiceNode }

/** What a tracked service needs. */
export interface TrackedServiceInit {
  readonly clock: Clock
  readonly ejection: Required<EjectionOptions>
  readonly latencyDecayMs: number
  readonly report: (event: NodeEvent | ActorEvent) => void
}

const none: EjectedNodes = new Map<never, never>([])

/** The records of one service's nodes, and who of them is out. Records outlive snapshots: they belong to node ids. */
export class TrackedService {
  private readonly records = new Map<string, TrackedNode>()
  private readonly ejection: Actor<EjectedNodes, EjectionMessage>
  private snapshot: Snapshot | undefined
  private present: readonly TrackedNode[] = []
  /** Who is out now. Another object after each change. */
  ejected = none
  /** Follows {@link ejected}. Hot; the first value comes at once. Completes when the service is closed, never errors. */
  readonly ejections: Observable<EjectedNodes>

  constructor(
    service: string,
    private readonly init: TrackedServiceInit,
  ) {
    const { clock, report } = init
    this.ejection = spawn(ejection(init.ejection, clock), { name: `ejection of ${service}`, clock, report })
    this.ejections = this.ejection.state.pipe(catchError(() => of(none))) // the actor has reported why it ended
    this.ejection.state.subscribe({
      next: ejected => this.eject(ejected),
      error: () => this.eject(none),
    })
  }

  /** The records of the snapshot's nodes, in its order; the same list for the same snapshot. */
  nodes(snapshot: Snapshot): readonly TrackedNode[] {
    if (snapshot !== this.snapshot) {
      this.snapshot = snapshot
      this.present = this.track(snapshot.nodes)
    }
    return this.present
  }

  /** Forgets all nodes for which no report is owed. False when there is one: the records that count its uses are still needed. */
  forget(): boolean {
    this.snapshot = undefined
    this.present = this.track([])
    return this.records.size === 0
  }

  /** Counts a use that begins. */
  picked(record: TrackedNode): void {
    record.inFlight += 1
    // Without touching the node, and without a look-up by its id: of many nodes, few are in the processor's cache.
    if (record.onProbation) this.ejection.tell({ kind: 'picked', id: record.node.id })
  }

  /** Counts a use that ended. */
  reported(id: string, latencyMs: number | undefined, error: ServiceError | undefined): void {
    const record = this.records.get(id)
    if (record === undefined) return
    record.inFlight = Math.max(0, record.inFlight - 1)
    if (!record.present) this.drop(record)
    else if (error !== undefined) this.failed(record, error)
    else if (latencyMs !== undefined) this.succeeded(record, latencyMs)
  }

  /** Forgets all failures. */
  reset(): void {
    for (const record of this.records.values()) record.failures = 0
    this.ejection.tell({ kind: 'reset' })
  }

  /** Ends the ejection's timer. */
  close(): void {
    void this.ejection.close()
  }

  private eject(ejected: EjectedNodes): void {
    const before = this.ejected
    this.ejected = ejected
    for (const id of before.keys()) this.mark(id)
    for (const id of ejected.keys()) this.mark(id)
  }

  private mark(id: string): void {
    const record = this.records.get(id)
    if (record !== undefined) record.onProbation = this.ejected.get(id)?.phase === 'probation'
  }

  private track(nodes: readonly ServiceNode[]): readonly TrackedNode[] {
    for (const record of this.records.values()) record.present = false
    const present = new Set(nodes.map(node => this.record(node)))
    for (const record of this.records.values()) if (!record.present) this.drop(record)
    const left = [...this.ejected.keys()].some(id => this.records.get(id)?.present !== true)
    if (left) this.ejection.tell({ kind: 'kept', ids: new Set(nodes.map(({ id }) => id)) })
    return [...present]
  }

  private record(node: ServiceNode): TrackedNode {
    const record = this.records.get(node.id) ?? new TrackedNode(node)
    record.node = node
    record.present = true
    this.records.set(node.id, record)
    this.mark(node.id)
    return record
  }

  private drop({ node, inFlight }: TrackedNode): void {
    if (inFlight === 0) this.records.delete(node.id)
  }

  private succeeded(record: TrackedNode, latencyMs: number): void {
    const { id } = record.node
    record.succeeded(latencyMs, this.init.clock.scheduler.now(), this.init.latencyDecayMs)
    if (!this.ejected.has(id)) return
    this.ejection.tell({ kind: 'succeeded', id })
    this.init.report({ kind: 'restored', node: record.node })
  }

  private failed(record: TrackedNode, error: ServiceError): void {
    const { id } = record.node
    const { failures, unavailableFailures, maxMs } = this.init.ejection
    const inARow = record.failed(this.init.clock.scheduler.now(), maxMs)
    const before = this.ejected.get(id)
    const limit = error.kind === 'unavailable' ? unavailableFailures : failures
    if (before === undefined && inARow < limit) return
    this.ejection.tell({ kind: 'failed', id })
    if (before?.phase !== 'out') this.init.report({ kind: 'ejected', node: record.node, error })
  }
}
