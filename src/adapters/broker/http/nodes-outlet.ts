import type { Subscription } from 'rxjs'
import { type ServiceError, type Message, type NodeRecord } from '../../../streams/index.js'
import type { Outlet, OutletEvents } from '../../stream-track.js'
import type { DeliveryLinks } from './delivery-links.js'
import { StreamMember } from './stream-member.js'
import { TargetOutlet, type TargetOutletOptions } from './target-outlet.js'

/** What a {@link NodesOutlet} needs. */
export interface NodesOutletOptions extends TargetOutletOptions {
  readonly links: DeliveryLinks
}

/** How long after a connection was lost, or a subscriber refused a stream, it is tried again. */
const retryMs = 500

/**
 * One subscriber, or the subscribers of one queue, as an outlet of a published stream: a channel to each that is on the fast lane, POSTs to the others. Each message goes
 * to the one with most room. What was sent to a subscriber that is lost is not sent to another: it may have been handled.
 */
export class NodesOutlet implements Outlet<Message> {
  sent = 0
  private members: readonly StreamMember[] = []
  /** Counted by members that are over. */
  private past = { acked: 0, nacked: 0 }
  private lost: ServiceError | undefined
  private failure: ServiceError | undefined
  private nodes: readonly NodeRecord[] = []
  private readonly retries = new Map<string, Subscription>()
  private readonly posting: TargetOutlet
  private postingLeft = false
  private ended = false
  private abandoned = false

  constructor(
    name: string,
    private readonly options: NodesOutletOptions,
    private readonly events: OutletEvents,
  ) {
    this.posting = new TargetOutlet(name, options, {
      changed: () => this.changed(),
      left: () => {
        this.postingLeft = true
        this.leaveWhenDone()
      },
    })
  }

  get room(): number {
    let room = this.posting.room
    for (const member of this.members) room += member.room
    return room
  }

  get acked(): number {
    let acked = this.past.acked + this.posting.acked
    for (const member of this.members) acked += member.acked
    return acked
  }

  get nacked(): number {
    let nacked = this.past.nacked + this.posting.nacked
    for (const member of this.members) nacked += member.nacked
    return nacked
  }

  get missed(): number {
    return this.posting.missed
  }

  get error(): ServiceError | undefined {
    for (const { error } of this.members) this.failure ??= error
    return this.failure ?? this.posting.error
  }

  /** Why nobody can be reached at present. */
  get unreachable(): ServiceError | undefined {
    return this.members.length === 0 && !this.posting.hasNodes ? this.lost : undefined
  }

  /** The nodes that are there now. */
  update(nodes: readonly NodeRecord[]): void {
    if (this.ended || this.abandoned) return
    this.nodes = nodes
    const { links } = this.options
    const known = new Set(nodes.map(({ id }) => id))
    for (const [id, retry] of this.retries) {
      if (known.has(id)) continue
      retry.unsubscribe()
      this.retries.delete(id)
    }
    for (const member of this.members) if (!known.has(member.node.id)) member.end()
    this.posting.update(nodes.filter(node => !links.leadTo(node)))
    for (const node of nodes) {
      const open = this.retries.has(node.id) || this.members.some(member => member.node.id === node.id)
      if (links.leadTo(node) && !open) this.open(node)
    }
    this.changed()
  }

  send(message: Message): void {
    this.sent += 1
    let best: StreamMember | TargetOutlet = this.posting
    for (const member of this.members) if (member.room > best.room) best = member
    best.send(message)
  }

  end(): void {
    this.ended = true
    this.stopRetries()
    for (const member of this.members) member.end()
    this.posting.end()
    this.leaveWhenDone()
  }

  abandon(): void {
    this.abandoned = true
    this.stopRetries()
    for (const member of this.members) member.end()
    this.posting.abandon()
  }

  private open(node: NodeRecord): void {
    const member = new StreamMember(node, {
      changed: () => this.changed(),
      over: (over, error) => this.close(over, error),
    })
    this.members = [...this.members, member]
    member.start(this.options.links)
  }

  private close(member: StreamMember, error: ServiceError | undefined): void {
    this.members = this.members.filter(other => other !== member)
    this.past.acked += member.acked
    this.past.nacked += member.nacked
    this.failure ??= member.error
    if (this.abandoned) return
    if (member.sent > member.acked + member.nacked) this.failure ??= error
    this.lost = error
    const { id } = member.node
    if (!this.ended && this.nodes.some(node => node.id === id)) this.retry(id)
    this.changed()
    this.leaveWhenDone()
  }

  /** The registry still says that it is there. */
  private retry(id: string): void {
    const again = this.options.clock.scheduler.schedule(() => {
      this.retries.delete(id)
      this.update(this.nodes)
    }, retryMs)
    this.retries.set(id, again)
    this.posting.update(this.nodes.filter(node => !this.options.links.leadTo(node)))
  }

  private stopRetries(): void {
    for (const retry of this.retries.values()) retry.unsubscribe()
    this.retries.clear()
  }

  private changed(): void {
    if (!this.abandoned) this.events.changed()
  }

  private leaveWhenDone(): void {
    if (this.ended && this.postingLeft && !this.abandoned && this.members.length === 0) this.events.left()
  }
}
