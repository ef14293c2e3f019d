import {
  Subscription,
  defer,
  finalize,
  from,
  ignoreElements,
  lastValueFrom,
  merge,
  mergeMap,
  retry,
  switchMap,
  take,
  timer,
  type Observable,
} from 'rxjs'
import { ServiceError, type Clock } from '../../../streams/index.js'
import { answersTo } from '../../../wire/mdns/answers.js'
import { checkDnsName, writeDnsMessage } from '../../../wire/mdns/dns-writer.js'
import {
  announcement,
  goodbye,
  instanceName,
  listEntry,
  probe,
  type MdnsNode,
} from '../../../wire/mdns/node-packets.js'
import type { Medium } from './medium.js'
import type { Packet } from './socket.js'

interface Publication {
  readonly node: MdnsNode
  /** Probes and announcements still to come, and the end of its time. */
  readonly timers: Subscription
}

/** A node with the packets that ask for its name and announce it. */
interface WrittenNode {
  readonly node: MdnsNode
  readonly ask: Uint8Array
  readonly announce: Uint8Array
}

/** When a new node is announced, in milliseconds: the first goes out with the first probe, because ids are unique. */
const announceAt = [1_000, 3_000]
const probeGapMs = 250
/** A goodbye that got lost would leave the node in every list until its time is over, so it is sent twice. */
const goodbyeGapMs = 20
const reopenAfterMs = 1_000

/** What the publisher works with. */
export interface PublisherParts {
  /** The group's sockets, open while subscribed. */
  readonly group: Observable<Medium>
  readonly domains: readonly string[]
  readonly maxPacketBytes: number
  readonly clock: Clock
  readonly onFault: (error: ServiceError) => void
}

/** Announces nodes, answers for them and takes them back (PROTOCOL sections 9.3 and 9.4). */
export class Publisher {
  private readonly published = new Map<string, Publication>()
  private readonly departures = new Set<Promise<void>>()
  private nodes: readonly MdnsNode[] = []
  private medium: Medium | undefined
  private holding: Subscription | undefined

  constructor(private readonly parts: PublisherParts) {}

  /** Cold. Completes when the first announcement of each node is sent. Errors `bad_request` for what does not fit a packet. */
  publish(nodes: readonly MdnsNode[], ttlMs: number | undefined): Observable<never> {
    return defer(() => {
      const written = nodes.map(node => this.write(node))
      return this.parts.group.pipe(
        take(1),
        mergeMap(medium => {
          this.hold()
          return merge(...written.map(each => this.put(medium, each, ttlMs)))
        }),
      )
    })
  }

  /** Cold. Completes when the first goodbye is sent; unknown instances are passed over. */
  withdraw(instances: readonly string[]): Observable<never> {
    return defer(() => from(this.depart(instances))).pipe(ignoreElements())
  }

  /** Takes everything back and waits until that is said. */
  async close(): Promise<void> {
    await this.depart([...this.published.keys()]).catch(this.report)
    await Promise.all(this.departures)
    this.release()
  }

  private put(
    medium: Medium,
    { node, ask, announce }: WrittenNode,
    ttlMs: number | undefined,
  ): Observable<never> {
    const instance = instanceName(node)
    const before = this.published.get(instance)
    before?.timers.unsubscribe()
    const timers = new Subscription()
    this.published.set(instance, { node, timers })
    this.nodes = Array.from(this.published.values(), each => each.node)
    if (ttlMs !== undefined) {
      const expire = () => void this.depart([instance]).catch(this.report)
      timers.add(this.parts.clock.scheduler.schedule(expire, ttlMs))
    }
    if (before !== undefined && JSON.stringify(before.node) === JSON.stringify(node))
      return medium.multicast(announce)
    for (const delay of announceAt) this.later(timers, delay, announce)
    if (before !== undefined) return medium.multicast(announce)
    const second = this.randomUpTo(probeGapMs)
    for (const delay of [second, second + this.randomUpTo(probeGapMs)]) this.later(timers, delay, ask)
    return merge(medium.multicast(ask), medium.multicast(announce))
  }

  private later(timers: Subscription, delay: number, bytes: Uint8Array): void {
    const send = () => timers.add(this.medium?.multicast(bytes).subscribe({ error: this.report }))
    timers.add(this.parts.clock.scheduler.schedule(send, delay))
  }

  private async depart(instances: readonly string[]): Promise<void> {
    const leaving = instances.flatMap(instance => this.published.get(instance) ?? [])
    if (leaving.length === 0) return
    for (const { node, timers } of leaving) {
      timers.unsubscribe()
      this.published.delete(instanceName(node))
    }
    this.nodes = Array.from(this.published.values(), each => each.node)
    const nodes = leaving.map(({ node }) => node)
    const first = this.sayGoodbye(nodes)
    const departure = this.sayAgain(first, nodes).finally(() => {
      this.departures.delete(departure)
      this.release()
    })
    this.departures.add(departure)
    await first
  }

  private async sayAgain(first: Promise<void>, nodes: readonly MdnsNode[]): Promise<void> {
    await first.catch(() => undefined) // its caller is told
    await new Promise<void>(resolve => this.parts.clock.scheduler.schedule(() => resolve(), goodbyeGapMs))
    // A node that has been registered again meanwhile must not be taken for gone.
    const away = nodes.filter(node => !this.published.has(instanceName(node)))
    await this.sayGoodbye(away).catch(this.report)
  }

  private async sayGoodbye(nodes: readonly MdnsNode[]): Promise<void> {
    const { medium } = this
    if (medium === undefined) return
    const packets = nodes.map(node => writeDnsMessage(goodbye(node), { compress: false }))
    await lastValueFrom(merge(...packets.map(bytes => medium.multicast(bytes))), { defaultValue: undefined })
  }

  /** Keeps the group open while something is published, and opens it again when it was lost. */
  private hold(): void {
    if (this.holding !== undefined) return
    let lost = false
    this.holding = this.parts.group
      .pipe(
        switchMap(medium => {
          this.medium = medium
          if (lost) this.announceAll(medium)
          return medium.packets
        }),
        retry({
          delay: (error: unknown) => {
            lost = true
            this.medium = undefined
            this.report(error)
            return timer(reopenAfterMs, this.parts.clock.scheduler)
          },
        }),
        finalize(() => (this.medium = undefined)),
      )
      .subscribe({ next: packet => this.answer(packet), error: this.report })
  }

  private release(): void {
    if (this.published.size > 0 || this.departures.size > 0) return
    this.holding?.unsubscribe()
    this.holding = undefined
  }

  private announceAll(medium: Medium): void {
    for (const node of this.nodes) {
      const bytes = writeDnsMessage(announcement(node), { compress: false })
      medium.multicast(bytes).subscribe({ error: this.report })
    }
  }

  private answer({ message, reply }: Packet): void {
    try {
      for (const answer of answersTo(message, this.nodes, this.parts.domains))
        reply(writeDnsMessage(answer, { compress: true })).subscribe({ error: this.report })
    } catch (error) {
      this.report(error) // a question of a stranger must not end the process
    }
  }

  private write(node: MdnsNode): WrittenNode {
    const listed = this.nodes.some(
      ({ service, domain }) => service === node.service && domain === node.domain,
    )
    if (!listed) checkDnsName(instanceName(listEntry(node)))
    const ask = writeDnsMessage(probe(node, this.randomUpTo(0xffff)), { compress: false })
    const limit = this.parts.maxPacketBytes
    if (ask.length > limit)
      throw new ServiceError(
        'bad_request',
        `mdns: node '${node.id}' needs a packet of ${ask.length} bytes; at most ${limit} are sent (maxPacketBytes)`,
      )
    return { node, ask, announce: writeDnsMessage(announcement(node), { compress: false }) }
  }

  private randomUpTo(most: number): number {
    return Math.floor(this.parts.clock.random() * (most + 1))
  }

  private readonly report = (error: unknown): void => this.parts.onFault(ServiceError.from(error))
}
