import { Subscription, type Observable } from 'rxjs'
import {
  ServiceError,
  type Clock,
  type DeliveryReport,
  type Message,
  type NodeRecord,
} from '../../../streams/index.js'
import { encodePublication } from '../../../wire/broker-http.js'
import { DeliveryQueue, type PendingDelivery } from '../../delivery-queue.js'
import type { Deliver } from './options.js'
import type { Poster } from './poster.js'

/** What a {@link Target} needs. */
export interface TargetOptions {
  readonly poster: Poster
  readonly deliver: Deliver | undefined
  readonly queueSize: number
  readonly concurrency: number
  readonly clock: Clock
}

/** One published message on its way to all its targets: encoded once, by whoever posts it first. */
export class Outgoing {
  private encoded: Uint8Array | undefined

  constructor(
    readonly topic: string,
    readonly message: Message,
  ) {}

  get bytes(): Uint8Array {
    this.encoded ??= encodePublication(this)
    return this.encoded
  }
}

interface Lane {
  node: NodeRecord
  busy: number
}

interface Attempt {
  readonly outgoing: Outgoing
  /** The nodes that could not be reached. */
  readonly tried: Set<string>
  /** Who has it, or was tried last. */
  node: string | undefined
}

/**
 * One subscriber, or the subscribers of one queue, as a publisher sees them. Messages wait in one bounded queue; each node is sent
 * one after the other (or `concurrency` at once), and a queue's message goes to a random node that is not busy. When that one cannot
 * be reached, and so did not see it, another one gets it.
 */
export class Target {
  private readonly lanes = new Map<string, Lane>()
  private readonly queue: DeliveryQueue<Attempt>
  private readonly carried = new Set<(error: ServiceError) => void>()

  constructor(
    private readonly name: string,
    private readonly options: TargetOptions,
  ) {
    const { queueSize, clock } = options
    this.queue = new DeliveryQueue({ subscriber: `'${name}'`, limit: queueSize, clock })
  }

  /** The nodes that are there now. */
  update(nodes: readonly NodeRecord[]): void {
    const known = new Set(nodes.map(({ id }) => id))
    for (const id of this.lanes.keys()) if (!known.has(id)) this.lanes.delete(id)
    for (const node of nodes) {
      const lane = this.lanes.get(node.id)
      if (lane === undefined) this.lanes.set(node.id, { node, busy: 0 })
      else lane.node = node
    }
    this.pump()
  }

  /** Queues a message; returns what gives it up. */
  offer(outgoing: Outgoing, timeoutMs: number, settled: (report: DeliveryReport) => void): () => void {
    const attempt: Attempt = { outgoing, tried: new Set(), node: undefined }
    const giveUp = this.queue.offer(attempt, timeoutMs, error =>
      settled({ subscriber: attempt.node ?? this.name, ...(error === undefined ? {} : { error }) }),
    )
    this.pump()
    return giveUp
  }

  /** No node is left: what waits fails, what was sent may still be answered. */
  end(error: ServiceError): void {
    this.lanes.clear()
    this.queue.fail(error)
  }

  /** Ends it, and fails what another carrier has under way. */
  abort(error: ServiceError): void {
    this.end(error)
    for (const stop of this.carried) stop(error)
  }

  private pump(): void {
    for (;;) {
      const lane = this.queue.size === 0 ? undefined : this.freeLane()
      const pending = lane === undefined ? undefined : this.queue.take()
      if (lane === undefined || pending === undefined) return
      this.send(lane, pending)
    }
  }

  private freeLane(avoid?: ReadonlySet<string>): Lane | undefined {
    const free = [...this.lanes.values()].filter(
      ({ node, busy }) => busy < this.options.concurrency && avoid?.has(node.id) !== true,
    )
    return free[Math.floor(this.options.clock.random() * free.length)]
  }

  private send(lane: Lane, pending: PendingDelivery<Attempt>): void {
    const { outgoing } = pending.value
    const { node } = lane
    pending.value.node = node.id
    lane.busy += 1
    const done = (error: ServiceError | undefined, sent: boolean) => {
      lane.busy -= 1
      const other = error === undefined || sent ? undefined : this.another(pending, node)
      if (other === undefined) pending.settle(error)
      else this.send(other, pending)
      this.pump()
    }
    const { deliver, poster } = this.options
    const carrier = deliver?.(node, outgoing.topic, outgoing.message)
    if (carrier === undefined) poster.post(node, outgoing.bytes, done)
    else this.carry(carrier, done)
  }

  private another(pending: PendingDelivery<Attempt>, failed: NodeRecord): Lane | undefined {
    const { tried } = pending.value
    tried.add(failed.id)
    return pending.open ? this.freeLane(tried) : undefined
  }

  private carry(
    carrier: Observable<never>,
    done: (error: ServiceError | undefined, sent: boolean) => void,
  ): void {
    const stop = (error?: ServiceError) => {
      if (!this.carried.delete(stop)) return
      running.unsubscribe()
      done(error, true)
    }
    const running = new Subscription()
    this.carried.add(stop)
    running.add(
      carrier.subscribe({
        error: (error: unknown) => stop(ServiceError.from(error)),
        complete: () => stop(),
      }),
    )
  }
}
