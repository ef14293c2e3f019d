import { defer, map, merge, of, retry, switchMap, take, tap, throwError, timer, type Observable } from 'rxjs'
import type { Format } from '../../streams/codec.js'
import { ServiceError } from '../../streams/errors.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Channel, Link } from '../../streams/transport.js'
import type { ConnectionPool } from '../connection-pool.js'
import { endsQuietly, formatFor } from './dialect-for.js'
import { offersOf } from './offers.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'

/** A channel for one stream, and what tells the selector how its node did; `failure` is the node's own. */
export interface OpenedChannel {
  readonly channel: Channel
  /** What its messages are written in. */
  readonly format: Format
  /** The peer may close instead of saying that a stream has ended, when its client has ended first. */
  readonly endsQuietly: boolean
  readonly report: (failure?: ServiceError) => void
}

/**
 * Chooses a node, connects and opens a channel; a node that cannot be reached is followed by another, since nothing was sent. Cold. Emits
 * one channel, which then belongs to the subscriber, and completes. Errors what the last attempt failed with. Unsubscribing gives up.
 */
export function openChannel(plan: CallPlan, services: CallServices): Observable<OpenedChannel> {
  const tried: string[] = []
  return defer(() => chooseNode(plan, services, tried)).pipe(
    switchMap(node => connect(node, plan, services, tried)),
    retry({
      count: plan.retries,
      delay: (failure: unknown, attempt) => {
        const error = ServiceError.from(failure)
        if (error.kind !== 'unavailable' && error.kind !== 'timeout') return throwError(() => error)
        if (attempt === 1) return of(0)
        const { backoff, clock, closing } = services
        return merge(timer(backoff(attempt - 1), clock.scheduler), closing).pipe(take(1))
      },
    }),
  )
}

function chooseNode(
  { options, target }: CallPlan,
  { selector }: CallServices,
  tried: readonly string[],
): Observable<ServiceNode | undefined> {
  if (options.address !== undefined) return of(undefined)
  return selector.select(target.service, { ...options, avoid: [...(options.avoid ?? []), ...tried] })
}

function connect(
  node: ServiceNode | undefined,
  plan: CallPlan,
  { pool, selector }: CallServices,
  tried: string[],
): Observable<OpenedChannel> {
  const address = node?.address ?? plan.options.address ?? ''
  const report = once((failure?: ServiceError) => {
    if (node !== undefined) selector.report(node, undefined, failure)
  })
  if (node !== undefined) tried.push(node.id)
  const offers = node === undefined ? undefined : offersOf(node)
  return pool.acquire(address, { dedicated: true, offers }).pipe(
    map(link => {
      const format = formatFor(link, node, plan)
      return { channel: openOn(link, pool), format, endsQuietly: endsQuietly(format, node), report }
    }),
    tap({ error: (failure: unknown) => report(ServiceError.from(failure)), unsubscribe: () => report() }),
  )
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

function once(report: (failure?: ServiceError) => void): (failure?: ServiceError) => void {
  let told = false
  return failure => {
    if (told) return
    told = true
    report(failure)
  }
}
