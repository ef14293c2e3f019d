import {
  type ServiceError,
  type Clock,
  type DeliveryReport,
  type NodeRecord,
} from '../../../streams/index.js'
import { DeliveryQueue, type PendingDelivery } from '../../delivery-queue.js'
import type { Lane, Outgoing } from './lane.js'
import type { Lanes } from './lanes.js'
import type { PostOutcome } from './post.js'

/** What a {@link Target} needs. */
export interface TargetOptions {
  readonly lanes: Lanes
  readonly queueSize: number
  readonly clock: Clock
}

interface Way {
  node: NodeRecord
  readonly lane: Lane
  /** What has no answer yet. */
  busy: number
}

/** What is known of a message: a subscriber has answered it, or may have it, or certainly does not have it. */
export type DeliveryState = 'answered' | 'unanswered' | 'missed'

interface Attempt {
  readonly outgoing: Outgoing
  /** The nodes that certainly did not see it. Most messages go to the first node that is asked. */
  tried: Set<string> | undefined
  state: DeliveryState
  /** Who has it, or was tried last. */
  node: string | undefined
  error: ServiceError | undefined
}

/**
 * One subscriber, or the subscribers of one queue, as a publisher sees them. Messages wait in one bounded queue until a node has
 * room for one more POST, and are posted in their order; a queue's message goes to the node with the fewest unanswered, a random
 * one of several. A message that a node certainly did not see goes to another one.
 */
export class Target {
  private readonly ways = new Map<string, Way>()
  private readonly queue: DeliveryQueue<Attempt>
  private ended: ServiceError | undefined

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
    for (const id of this.ways.keys()) if (!known.has(id)) this.ways.delete(id)
    for (const node of nodes) {
      const way = this.ways.get(node.id)
      if (way === undefined) this.ways.set(node.id, this.wayTo(node))
      else way.node = node
    }
    this.pump()
  }

  /** How many messages wait to be sent. */
  get waiting(): number {
    return this.queue.size
  }

  /** Queues a message; returns what gives it up. */
  offer(
    outgoing: Outgoing,
    timeoutMs: number,
    settled: (report: DeliveryReport, state: DeliveryState) => void,
  ): () => void {
    const attempt: Attempt = {
      outgoing,
      tried: undefined,
      state: 'missed',
      node: undefined,
      error: undefined,
    }
    const giveUp = this.queue.offer(attempt, timeoutMs, error =>
      settled(
        { subscriber: attempt.node ?? this.name, ...(error === undefined ? {} : { error }) },
        attempt.state,
      ),
    )
    this.pump()
    return giveUp
  }

  /** No node is left: what waits fails, what was sent may still be answered. */
  end(error: ServiceError): void {
    this.ended = error
    this.ways.clear()
    this.queue.fail(error)
  }

  private wayTo(node: NodeRecord): Way {
    return { node, lane: this.options.lanes.lane(() => this.pump()), busy: 0 }
  }

  private pump(): void {
    for (let pending = this.queue.first; pending !== undefined; pending = this.queue.first) {
      const way = this.freeWay(pending.value.tried)
      if (way !== undefined) {
        this.queue.take()
        this.send(way, pending)
      } else if (this.isHopeless(pending.value)) {
        this.queue.take()
        pending.settle(pending.value.error)
      } else return
    }
  }

  private isHopeless({ tried }: Attempt): boolean {
    return tried !== undefined && [...this.ways.keys()].every(id => tried.has(id))
  }

  /** One of those with the fewest unanswered; a later one takes the place of an earlier one so often that each is as likely. */
  private freeWay(avoid: ReadonlySet<string> | undefined): Way | undefined {
    let best: Way | undefined
    let alike = 0
    for (const way of this.ways.values()) {
      const { node, lane, busy } = way
      if (busy > (best?.busy ?? Infinity) || avoid?.has(node.id) === true || !lane.hasRoom(node)) continue
      alike = busy === best?.busy ? alike + 1 : 1
      if (alike === 1 || this.options.clock.random() * alike < 1) best = way
    }
    return best
  }

  private send(way: Way, pending: PendingDelivery<Attempt>): void {
    const { outgoing } = pending.value
    const { node } = way
    pending.value.node = node.id
    pending.value.state = 'unanswered'
    way.busy += 1
    const done = (outcome: PostOutcome) => {
      way.busy -= 1
      this.finish(pending, node, outcome)
    }
    way.lane.send({ node, outgoing, done })
  }

  /** What a node did not see waits again, in its place, for another node or another connection. */
  private finish(pending: PendingDelivery<Attempt>, node: NodeRecord, outcome: PostOutcome): void {
    const { kind, error } = outcome
    pending.value.state = kind === 'answered' || kind === 'unanswered' ? kind : 'missed'
    if (pending.value.state !== 'missed' || this.ended !== undefined) return pending.settle(error)
    pending.value.error = error
    if (kind === 'missed') (pending.value.tried ??= new Set()).add(node.id)
    this.queue.putBack(pending)
  }
}
