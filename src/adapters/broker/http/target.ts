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
import type { Post, PostOutcome } from './post.js'
import type { PostLane, Poster } from './poster.js'

/** What a {@link Target} needs. */
export interface TargetOptions {
  readonly poster: Poster
  readonly deliver: Deliver | undefined
  readonly queueSize: number
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
  readonly posts: PostLane
  /** What has no answer yet. */
  busy: number
  /** Another carrier has a message under way; the next one waits, so that they stay in order. */
  carrying: boolean
}

/** What is known of a message: a subscriber has answered it, or may have it, or certainly does not have it. */
export type DeliveryState = 'answered' | 'unanswered' | 'missed'

interface Attempt {
  readonly outgoing: Outgoing
  /** The nodes that certainly did not see it. */
  readonly tried: Set<string>
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
  private readonly lanes = new Map<string, Lane>()
  private readonly queue: DeliveryQueue<Attempt>
  private readonly carried = new Set<(error: ServiceError) => void>()
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
    for (const id of this.lanes.keys()) if (!known.has(id)) this.lanes.delete(id)
    for (const node of nodes) {
      const lane = this.lanes.get(node.id)
      if (lane === undefined) this.lanes.set(node.id, this.laneTo(node))
      else lane.node = node
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
      tried: new Set(),
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
    this.lanes.clear()
    this.queue.fail(error)
  }

  /** Ends it, and fails what another carrier has under way. */
  abort(error: ServiceError): void {
    this.end(error)
    for (const stop of this.carried) stop(error)
  }

  private laneTo(node: NodeRecord): Lane {
    const posts = this.options.poster.lane(() => this.pump())
    return { node, posts, busy: 0, carrying: false }
  }

  private pump(): void {
    for (let pending = this.queue.first; pending !== undefined; pending = this.queue.first) {
      const lane = this.freeLane(pending.value.tried)
      if (lane !== undefined) {
        this.queue.take()
        this.send(lane, pending)
      } else if (this.isHopeless(pending.value)) {
        this.queue.take()
        pending.settle(pending.value.error)
      } else return
    }
  }

  private isHopeless({ tried }: Attempt): boolean {
    return tried.size > 0 && [...this.lanes.keys()].every(id => tried.has(id))
  }

  private freeLane(avoid: ReadonlySet<string>): Lane | undefined {
    let free: Lane[] = []
    for (const lane of this.lanes.values()) {
      const { node, posts, busy, carrying } = lane
      if (busy > (free[0]?.busy ?? Infinity) || carrying || avoid.has(node.id) || !posts.hasRoom(node))
        continue
      if (busy === free[0]?.busy) free.push(lane)
      else free = [lane]
    }
    return free.length < 2 ? free[0] : free[Math.floor(this.options.clock.random() * free.length)]
  }

  private send(lane: Lane, pending: PendingDelivery<Attempt>): void {
    const { outgoing } = pending.value
    const { node } = lane
    pending.value.node = node.id
    pending.value.state = 'unanswered'
    lane.busy += 1
    const done = (outcome: PostOutcome) => {
      lane.busy -= 1
      this.finish(pending, node, outcome)
    }
    const carrier = this.options.deliver?.(node, outgoing.topic, outgoing.message)
    if (carrier === undefined) return this.post(lane.posts, outgoing, node, done)
    lane.carrying = true
    this.carry(carrier, error => {
      lane.carrying = false
      done({ kind: 'answered', ...(error === undefined ? {} : { error }) })
      this.pump()
    })
  }

  private post(posts: PostLane, outgoing: Outgoing, node: NodeRecord, done: Post['done']): void {
    let body: Uint8Array
    try {
      body = outgoing.bytes
    } catch (error) {
      return done({ kind: 'answered', error: ServiceError.from(error) })
    }
    posts.post({ node, body, done })
  }

  /** What a node did not see waits again, in its place, for another node or another connection. */
  private finish(pending: PendingDelivery<Attempt>, node: NodeRecord, outcome: PostOutcome): void {
    const { kind, error } = outcome
    pending.value.state = kind === 'answered' || kind === 'unanswered' ? kind : 'missed'
    if (pending.value.state !== 'missed' || this.ended !== undefined) return pending.settle(error)
    pending.value.error = error
    if (kind === 'missed') pending.value.tried.add(node.id)
    this.queue.putBack(pending)
  }

  private carry(carrier: Observable<never>, done: (error?: ServiceError) => void): void {
    const stop = (error?: ServiceError) => {
      if (!this.carried.delete(stop)) return
      running.unsubscribe()
      done(error)
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
