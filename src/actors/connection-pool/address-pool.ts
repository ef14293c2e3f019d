import { Observable, Subject } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Cancel, Link } from '../../streams/transport.js'
import { spawn } from '../actor.js'
import type { Actor } from '../behavior.js'
import type { AddressPoolParts } from './address-pool-parts.js'
import { dialLink } from './dial-link.js'
import { createDialling, dialsMissing, none, type Counts, type Transition } from './dialling.js'
import type { ConnectionPoolStats } from './pool-stats.js'
import { PooledLink, numbersOf } from './pooled-link.js'
import { Suspicion } from './suspicion.js'
import { WaitingLine, type LinkWaiter } from './waiting-line.js'

/**
 * The links to one address and those who wait for one. Links are lent and callers are served synchronously, from a plain list; its actor
 * decides when to dial, and owns the dials and the links.
 */
export class AddressPool {
  private readonly line: WaitingLine
  private readonly suspicion: Suspicion
  private readonly links = new Set<PooledLink>()
  /** Links that had room when they were listed, the most recently used last. */
  private readonly ready: PooledLink[] = []
  private readonly wants = new Subject<Transition>()
  private readonly giveUp = new Subject<void>()
  private actor: Actor<Counts, Transition> | undefined
  private counts = none
  private asked = false
  private left = false
  private ending: ServiceError | undefined
  private era = 0
  /** What the node says that it offers, as the last caller has heard. */
  private offers: string | undefined
  /** How many calls the next link is expected to carry. */
  private callsPerLink: number

  constructor(
    readonly address: string,
    private readonly parts: AddressPoolParts,
  ) {
    this.line = new WaitingLine(parts.crowd)
    this.callsPerLink = parts.transport.callsPerLink
    this.suspicion = new Suspicion({
      clock: parts.clock,
      changed: suspect => parts.suspected(suspect),
      due: () => this.dialIfWanted(),
    })
  }

  get stats(): Omit<ConnectionPoolStats, 'address'> {
    const { links, dialling } = this.counts
    return {
      links,
      dialling,
      waiting: this.line.size,
      suspect: this.suspicion.suspect,
      ...numbersOf(this.links),
    }
  }

  /** The link with room that was used last. */
  take(): Link | undefined {
    const { ready } = this
    for (let at = ready.length - 1; at >= 0; at -= 1) {
      const pooled = ready[at]
      if (pooled !== undefined && pooled.link.room > 0) return pooled.link
      if (pooled !== undefined) pooled.listed = false
      ready.pop()
    }
    return undefined
  }

  /** An idle link, which leaves the pool with that; one that carries many channels stays and need not be idle. */
  takeAway(): Link | undefined {
    for (const pooled of this.links) {
      if (pooled.link.shared === true && pooled.phase === 'lendable' && pooled.link.room > 0)
        return pooled.link
      if (!pooled.idle || pooled.serving) continue
      this.handOver(pooled)
      return pooled.link
    }
    return undefined
  }

  /** Puts somebody at the end of the line; the returned function gives the place up. */
  wait(waiter: LinkWaiter, offers?: string): Cancel {
    this.learn(offers)
    const giveUpPlace = this.line.add(waiter)
    this.actor ??= this.spawn()
    this.dialIfWanted()
    return giveUpPlace
  }

  /** Closes the links when what is under way on them is done, and dials anew for those who wait. */
  retire(): void {
    this.era += 1
    for (const pooled of [...this.links]) this.retireLink(pooled)
    this.suspicion.clear()
    this.dialIfWanted()
    this.leaveIfEmpty()
  }

  /** Closes the links that have been idle for `idleMs`. Returns since when the longest idle of the others is idle. */
  expire(now: number, idleMs: number): number {
    let earliest = now
    for (const pooled of [...this.links]) {
      if (!pooled.idle) pooled.idleSince = now
      if (now - pooled.idleSince >= idleMs) this.retireLink(pooled)
      else earliest = Math.min(earliest, pooled.idleSince)
    }
    return earliest
  }

  /** Turns away who waits, gives up the dials and retires the links: empty when what is under way is done. */
  close(error: ServiceError): void {
    this.ending = error
    this.failAll(error)
    this.giveUp.next()
    this.retire()
    this.leaveIfEmpty()
  }

  /** Ends everything now. */
  abort(error: ServiceError): void {
    this.ending = error
    this.counts = none
    this.suspicion.clear()
    this.failAll(error)
    this.actor?.abort(error)
    this.leaveIfEmpty()
  }

  private learn(offers: string | undefined): void {
    if (offers === undefined || offers === this.offers) return
    const { transport } = this.parts
    this.offers = offers
    this.callsPerLink = transport.callsPerLinkTo?.(offers) ?? transport.callsPerLink
  }

  private spawn(): Actor<Counts, Transition> {
    const { address, parts, giveUp } = this
    const { transport, clock, maxConnections, dialTimeoutMs } = parts
    const dial = dialLink({
      transport,
      address,
      offers: () => this.offers,
      scheduler: clock.scheduler,
      timeoutMs: dialTimeoutMs,
      giveUp,
      begin: () => {
        const { era } = this
        return link => new PooledLink(link, era, clock.scheduler.now())
      },
      gone: pooled => this.forget(pooled, 'gone'),
      letGo: pooled => this.letGo(pooled),
      failed: error => this.dialFailed(error),
    })
    const wants = new Observable<Transition>(subscriber => {
      subscriber.add(this.wants.subscribe(subscriber))
      this.asked = false
      this.dialIfWanted()
    })
    const publish = (counts: Counts, after?: Transition) => this.publish(counts, after)
    const behavior = createDialling({ maxConnections, wants, dial, publish })
    return spawn(behavior, {
      name: `connections to ${address}`,
      clock,
      report: event => parts.report(event),
      onFailure: error => this.abort(error),
    })
  }

  /** Asks the actor for more dials, unless it has been asked already. */
  private dialIfWanted(): void {
    const { line, counts, parts } = this
    const probes = this.suspicion.dials ? 1 : 0
    const need = Math.max(probes, line.linksNeeded(this.callsPerLink, this.callsPerLink > 1))
    if (this.asked || this.ending || dialsMissing(counts, need, parts.maxConnections) === 0) return
    this.asked = true
    this.wants.next({ kind: 'wanted', need })
  }

  private publish(counts: Counts, after?: Transition): void {
    this.counts = counts
    if (after?.kind === 'wanted') this.asked = false
    if (after?.kind === 'up') this.admit(after.pooled)
    if (after?.kind === 'failed') this.failUnserved(after.error)
    else this.dialIfWanted()
    this.leaveIfEmpty()
  }

  private admit(pooled: PooledLink): void {
    if (pooled.phase === 'gone') return
    this.links.add(pooled)
    this.suspicion.up(pooled.link)
    this.callsPerLink = Math.max(1, pooled.link.room)
    this.parts.owners.set(pooled.link, now => this.settled(pooled, now))
    this.serve(pooled)
    if (pooled.phase !== 'lendable') return
    if (pooled.era < this.era) this.retireLink(pooled)
    else this.parts.linkUp()
  }

  private settled(pooled: PooledLink, now: number | undefined): void {
    // A busy link is asked for the time by `expire`, an idle one by its last call alone.
    if (pooled.idle) pooled.idleSince = now ?? this.parts.clock.scheduler.now()
    this.serve(pooled)
  }

  /** Lends the link to those who wait while it has room; what is left of it is listed. */
  private serve(pooled: PooledLink): void {
    const { link } = pooled
    if (pooled.serving) return // called from the `next` of who is being served: the loop below goes on
    pooled.serving = true
    while (pooled.phase === 'lendable' && link.room > 0) {
      const waiter = this.line.shift(pooled.idle || link.shared === true)
      if (waiter === undefined) break
      if (waiter.dedicated && link.shared !== true) this.handOver(pooled)
      waiter.take(link)
    }
    pooled.serving = false
    if (pooled.phase !== 'lendable' || link.room === 0 || pooled.listed) return
    pooled.listed = true
    this.ready.push(pooled)
  }

  private handOver(pooled: PooledLink): void {
    this.forget(pooled, 'gone')
    pooled.leave()
  }

  private retireLink(pooled: PooledLink): void {
    this.forget(pooled, 'retiring')
    pooled.link.retire()
  }

  /** The link's effect has ended before the link did. */
  private letGo(pooled: PooledLink): void {
    if (pooled.phase === 'gone') return
    this.forget(pooled, 'gone')
    pooled.link.abort(this.ending ?? new ServiceError('unavailable', `the pool let go of ${this.address}`))
  }

  private forget(pooled: PooledLink, phase: 'retiring' | 'gone'): void {
    pooled.phase = phase
    this.suspicion.gone(pooled.link)
    this.links.delete(pooled)
    this.parts.owners.delete(pooled.link)
    const at = this.ready.indexOf(pooled)
    if (at >= 0) this.ready.splice(at, 1)
    this.parts.linkDown()
  }

  private dialFailed(error: ServiceError): void {
    const { address, parts, suspicion } = this
    if (this.ending !== undefined) return
    // One that nobody asked for, to a node that is known not to answer, is no news.
    if (!suspicion.pending || error.kind !== 'timeout') parts.report({ kind: 'dial_failed', address, error })
    if (this.links.size === 0) suspicion.failed(error)
  }

  /** A dial has failed: those who wait hear of it, unless another link may still serve them. */
  private failUnserved(error: ServiceError): void {
    if (this.links.size === 0 && this.counts.dialling === 0) this.failAll(error)
  }

  private failAll(error: ServiceError): void {
    for (const waiter of this.line.clear()) waiter.fail(error)
  }

  private leaveIfEmpty(): void {
    const { links, dialling } = this.counts
    if (this.left || this.suspicion.pending || links + dialling + this.line.size > 0) return
    this.left = true
    void this.actor?.close()
    this.parts.emptied()
  }
}
