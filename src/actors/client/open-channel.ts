import { Observable, Subscription, type Subscriber } from 'rxjs'
import type { Format } from '../../streams/codec.js'
import { ServiceError } from '../../streams/errors.js'
import { subscribeFor } from '../../streams/linked.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Channel, Link } from '../../streams/transport.js'
import type { ConnectionPool } from '../connection-pool.js'
import { endsQuietly, formatFor } from './dialect-for.js'
import { offersOf } from './offers.js'
import { pause } from './pause.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'

type Report = (failure?: ServiceError) => void

/** A channel for one stream, and what tells the selector how its node did; `failure` is the node's own. */
export interface OpenedChannel {
  readonly channel: Channel
  /** What its messages are written in. */
  readonly format: Format
  /** The peer may close instead of saying that a stream has ended, when its client has ended first. */
  readonly endsQuietly: boolean
  readonly report: Report
}

/**
 * Chooses a node, connects and opens a channel; a node that cannot be reached is followed by another, since nothing was sent. Cold. Emits
 * one channel, which then belongs to the subscriber, and completes. Errors what the last attempt failed with. Unsubscribing gives up.
 */
export function openChannel(plan: CallPlan, services: CallServices): Observable<OpenedChannel> {
  return new Observable(subscriber => {
    const opening = new Opening(plan, services, subscriber)
    subscriber.add(() => opening.giveUp())
    opening.attempt()
  })
}

/** One attempt after another, each of which waits for one thing at a time. Not operators of RxJS: those that it would take are a twentieth of a page's bundle. */
class Opening {
  private readonly tried: string[] = []
  private failures = 0
  private step = new Subscription()
  /** Of the node that is being connected to. */
  private report: Report | undefined

  constructor(
    private readonly plan: CallPlan,
    private readonly services: CallServices,
    private readonly subscriber: Subscriber<OpenedChannel>,
  ) {}

  attempt(): void {
    const { options, target } = this.plan
    const { address, avoid = [] } = options
    this.guard(() => {
      if (address !== undefined) return this.connect(address)
      const others = { ...options, avoid: [...avoid, ...this.tried] }
      this.await(this.services.selector.select(target.service, others), node =>
        this.connect(node.address, node),
      )
    })
  }

  giveUp(): void {
    this.step.unsubscribe()
    this.report?.()
  }

  private connect(address: string, node?: ServiceNode): void {
    const { pool, selector } = this.services
    this.report = once(failure => {
      if (node !== undefined) selector.report(node, undefined, failure)
    })
    if (node !== undefined) this.tried.push(node.id)
    const offers = node === undefined ? undefined : offersOf(node)
    this.await(pool.acquire(address, { dedicated: true, offers }), link => this.give(link, node))
  }

  private give(link: Link, node: ServiceNode | undefined): void {
    const { report = () => undefined, plan, services } = this
    const format = formatFor(link, node, plan)
    const channel = openOn(link, services.pool)
    this.report = undefined
    this.subscriber.next({ channel, format, endsQuietly: endsQuietly(format, node), report })
    this.subscriber.complete()
  }

  private failed(failure: unknown): void {
    const error = ServiceError.from(failure)
    this.report?.(error)
    this.report = undefined
    this.failures += 1
    const mayPass = error.kind === 'unavailable' || error.kind === 'timeout'
    if (!mayPass || this.failures > this.plan.retries) this.subscriber.error(error)
    else if (this.failures === 1) this.attempt()
    else this.await(pause(this.failures - 1, this.services), () => this.attempt())
  }

  private await<T>(source: Observable<T>, then: (value: T) => void): void {
    this.step.unsubscribe()
    this.step = new Subscription()
    subscribeFor(this.step, source, {
      next: value => this.guard(() => then(value)),
      error: failure => this.failed(failure),
      complete: () => undefined,
    })
  }

  private guard(work: () => void): void {
    try {
      work()
    } catch (failure) {
      this.failed(failure)
    }
  }
}

/** The place that the channel takes on a link of the pool is free again when it has closed. */
function openOn(link: Link, pool: ConnectionPool): Channel {
  const channel = link.open()
  if (link.shared !== true) {
    link.retire() // it left the pool with this channel, and closes with it
    return channel
  }
  pool.opened(link, channel)
  return channel
}

function once(report: Report): Report {
  let told = false
  return failure => {
    if (told) return
    told = true
    report(failure)
  }
}
