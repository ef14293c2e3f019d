import { Observable, Subscription, combineLatest, merge, switchMap, type Subscriber } from 'rxjs'
import { ServiceError, type Clock, type RegistryEvent } from '../../../streams/index.js'
import type { DnsMessage } from '../../../wire/mdns/dns-message.js'
import { writeDnsMessage } from '../../../wire/mdns/dns-writer.js'
import { readServiceNames } from '../../../wire/mdns/heard-nodes.js'
import { NodeCache, type NodeCacheLimits } from '../../../wire/mdns/node-cache.js'
import { listService, serviceQuery } from '../../../wire/mdns/node-packets.js'
import { answerTime } from './answer-time.js'
import type { NodeReader } from './known-nodes.js'
import type { Medium } from './medium.js'

/** What a watch works with. */
export interface WatchParts {
  /** Hears announcements; open while subscribed, as are the queries. */
  readonly group: Observable<Medium>
  /** Asks, and hears the answers. */
  readonly queries: Observable<Medium>
  readonly reader: NodeReader
  readonly domains: readonly string[]
  readonly queryMs: number
  readonly absentMs: number
  readonly limits: NodeCacheLimits
  readonly clock: Clock
  readonly onFault: (error: ServiceError) => void
}

/**
 * The first list is told when answers have come and nothing new for so many slices of the time for answers: nodes answer at once. One that takes longer is told
 * when it is heard of, as a node that has just started.
 */
const quietSlices = 3
/** The first question is asked once more, because it may have got lost. */
const askAgainAfterMs = 1_000
/** What is due within this time is handled together. */
const shortestWaitMs = 5
const longestWaitMs = 3_600_000

/** Follows one service, or all of them, as the contract of a registry's `watch` says. */
export function watchNodes(parts: WatchParts, name: string | undefined): Observable<RegistryEvent> {
  return combineLatest([parts.group, parts.queries]).pipe(
    switchMap(
      ([group, queries]) =>
        new Observable<RegistryEvent>(out => new Watch(parts, name, queries, out).run(group)),
    ),
  )
}

class Watch {
  private readonly cache: NodeCache
  private readonly running = new Subscription()
  private readonly askedFor = new Set<string>()
  private started = false
  private askedAgain = false
  /** Slices since the last news of a node; `undefined` before the first. */
  private quiet: number | undefined
  private waking: { readonly at: number; readonly action: Subscription } | undefined

  constructor(
    private readonly parts: WatchParts,
    private readonly name: string | undefined,
    private readonly queries: Medium,
    private readonly out: Subscriber<RegistryEvent>,
  ) {
    this.cache = new NodeCache(parts.limits, parts.clock.random)
  }

  run(group: Medium): Subscription {
    const { clock, queryMs, absentMs } = this.parts
    const error = (failure: unknown) => this.out.error(failure)
    this.running.add(
      merge(group.packets, this.queries.packets).subscribe({
        next: packet => this.hear(packet.message),
        error,
      }),
    )
    const settled = (over: boolean) => this.settled(over)
    const longestMs = this.name === undefined ? queryMs : absentMs
    this.running.add(
      answerTime(queryMs, clock, { settled, longestMs }).subscribe({ next: () => this.start(), error }),
    )
    this.running.add(clock.scheduler.schedule(() => this.askFirst(), Math.max(askAgainAfterMs, queryMs)))
    this.running.add(() => this.waking?.action.unsubscribe())
    this.askFirst()
    return this.running
  }

  /** Whether all nodes of the service seem to have answered. Those of a list are asked for one after another, so it has the whole time. */
  private settled(over: boolean): boolean {
    if (this.name === undefined) return over
    if (this.quiet === undefined) return this.askSilent(over)
    this.quiet += 1
    return this.quiet >= quietSlices || (over && !this.askedAgain)
  }

  /** Nobody has answered: a node on a busy machine needs longer, or the question was lost. That a service is not there at all is worth a wait. */
  private askSilent(over: boolean): false {
    if (over && !this.askedAgain) {
      this.askedAgain = true
      this.askFirst()
    }
    return false
  }

  private start(): void {
    this.cache.pass(this.now())
    this.started = true
    this.out.next({ kind: 'reset', services: this.cache.snapshot() })
    this.wakeInTime()
  }

  private askFirst(): void {
    this.askedFor.clear()
    this.ask(this.name ?? listService)
  }

  private ask(service: string): void {
    for (const domain of this.parts.domains) {
      const id = Math.floor(this.parts.clock.random() * 0x1_0000)
      const query = writeDnsMessage(serviceQuery(service, domain, id), { compress: false })
      this.running.add(
        this.queries.multicast(query).subscribe({ error: (error: unknown) => this.out.error(error) }),
      )
    }
  }

  private hear(message: DnsMessage): void {
    const { known, gone } = this.parts.reader.read(message)
    if (this.name === undefined)
      this.askForEach(this.parts.domains.flatMap(domain => readServiceNames(message, domain)))
    for (const node of known) {
      if (this.name !== undefined && node.record.name !== this.name) continue
      this.attempt(() => {
        const events = this.cache.hear(node, this.now())
        if (events.length > 0) this.quiet = 0
        this.tell(events)
      })
    }
    for (const instance of gone) this.tell(this.cache.forget(instance))
    if (this.started) this.wakeInTime()
  }

  /** A list answers with names; their nodes are asked for one by one. */
  private askForEach(services: readonly string[]): void {
    for (const service of services) {
      if (this.askedFor.has(service) || this.askedFor.size >= this.parts.limits.maxNodes) continue
      this.askedFor.add(service)
      this.attempt(() => this.ask(service))
    }
  }

  private tell(events: readonly RegistryEvent[]): void {
    if (this.started) for (const event of events) this.out.next(event)
  }

  private wakeInTime(): void {
    const at = this.cache.nextAt
    if (this.waking !== undefined && this.waking.at <= at) return
    this.waking?.action.unsubscribe()
    if (at === Infinity) return
    const wait = Math.min(Math.max(at - this.now(), shortestWaitMs), longestWaitMs)
    // Not added to `running`: an action that has run is not closed, so each would stay there as long as the watch.
    const action = this.parts.clock.scheduler.schedule(() => this.wake(), wait)
    this.waking = { at, action }
  }

  private wake(): void {
    this.waking = undefined
    const { events, ask } = this.cache.pass(this.now())
    this.tell(events)
    for (const service of ask) this.attempt(() => this.ask(service))
    this.wakeInTime()
  }

  /** What a stranger's data makes impossible is reported and ends nothing. */
  private attempt(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.parts.onFault(ServiceError.from(cause))
    }
  }

  private now(): number {
    return this.parts.clock.scheduler.now()
  }
}
