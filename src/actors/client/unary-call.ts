import type { Subscription } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Format } from '../../streams/codec.js'
import type { ReplyObserver } from '../../streams/flow.js'
import type { Message } from '../../streams/message.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Cancel, Link, ReplySink } from '../../streams/transport.js'
import { readReply } from './answer.js'
import { headersOf, type CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { formatFor } from './dialect-for.js'
import { offersOf } from './offers.js'
import { pause } from './pause.js'
import { requestFrame } from './request-frame.js'
import { certainlyNotRun, mayTryAgain, type FailedAttempt } from './retry-rule.js'
import { watchSignals } from './watch-signals.js'

const none: readonly string[] = []

/**
 * One unary call with all its attempts: the hot path of a client. In the usual case an attempt is one synchronous run: a node is
 * picked, a link with room is taken from the pool's table, the message is written. Only when there is no snapshot yet, or no link with room, does
 * it subscribe to something.
 */
export class UnaryCall<O> implements ReplySink {
  private tried: readonly string[] = none
  private repeats = 0
  private body: Uint8Array | undefined
  private node: ServiceNode | undefined
  private link: Link | undefined
  /** What the request of the present attempt is written in. */
  private format: Format
  private startedAt = 0
  /** What the clock says, as long as an attempt is one synchronous run: looking at it costs as much as picking a node. */
  private instant: number | undefined
  private cancelAttempt: Cancel | undefined
  private cancelDeadline: Cancel | undefined
  private unwatch: Cancel | undefined
  private open = true

  constructor(
    private readonly plan: CallPlan,
    private readonly request: unknown,
    private readonly services: CallServices,
    private readonly observer: ReplyObserver<O>,
  ) {
    this.format = plan.formats.rpc
  }

  start(): Cancel {
    const { codec, context, target, options } = this.plan
    try {
      this.body = codec.encode(this.request, target.definition.request)
    } catch (failure) {
      this.finish(ServiceError.from(failure, 'headrace.client'))
      return () => undefined
    }
    const { deadline } = context
    if (deadline !== undefined)
      this.cancelDeadline = this.services.deadlines.add(deadline, () => this.expire())
    this.unwatch = watchSignals(options, error => this.abandon(error))
    if (this.open) this.attempt(this.plan.at)
    return () => this.abandon(undefined)
  }

  reply(message: Message): void {
    const { error, value, closing } = readReply<O>(message, this.format, this.plan, this.services.formats)
    if (closing === true) this.link?.retire()
    const now = this.services.clock.scheduler.now()
    this.leaveLink(now)
    if (error !== undefined) return this.refused(error, now)
    this.report(now - this.startedAt)
    this.settle()
    this.observer.answer(value as O)
  }

  fail(error: ServiceError, sent: boolean): void {
    if (!this.open) return
    this.leaveLink()
    // What was not even sent because it cannot be written is no failure of the node.
    this.retry({ error, sent }, !sent && error.kind === 'bad_request' ? undefined : error)
  }

  /** The node does not answer, and may have run it: where that is safe another one is asked at once, else this one is waited for. */
  suspected(): void {
    const { node, plan, repeats } = this
    if (!this.open || node === undefined || !plan.idempotent || repeats >= plan.retries) return
    const { tried } = this
    this.tried = [...tried, node.id]
    try {
      const next = this.pickOther()
      if (next === undefined) return void (this.tried = tried)
      this.cancelAttempt?.()
      this.leaveLink()
      this.report(undefined)
      this.repeats += 1
      this.use(next)
    } catch (failure) {
      this.abandon(ServiceError.from(failure, 'headrace.client')) // a filter or a strategy threw
    }
  }

  /** The node answered with an error. What a handler failed with says nothing against its node; a refusal of the runtime does. */
  private refused(error: ServiceError, now: number): void {
    const failed = { error, sent: true }
    if (certainlyNotRun(failed)) return this.retry(failed, error)
    this.report(now - this.startedAt)
    this.retry(failed, undefined)
  }

  private attempt(now: number): void {
    const { deadline } = this.plan.context
    if (deadline !== undefined && deadline <= now) return this.expire()
    this.instant = now
    try {
      this.choose()
    } catch (failure) {
      this.finish(ServiceError.from(failure, 'headrace.client')) // a filter or a strategy threw
    }
    this.instant = undefined
  }

  private choose(): void {
    const { address } = this.plan.options
    if (address !== undefined) return this.connect(address)
    const node = this.pick()
    if (node !== undefined) return this.use(node)
    this.awaiting(
      this.services.selector.select(this.plan.target.service, this.pickOptions()).subscribe({
        next: chosen => this.use(chosen),
        error: (failure: unknown) => this.finish(ServiceError.from(failure)),
      }),
    )
  }

  private pick(): ServiceNode | undefined {
    return this.services.selector.pick(this.plan.target.service, this.pickOptions())
  }

  /** A node that was not tried, if there is one. */
  private pickOther(): ServiceNode | undefined {
    const next = this.pick()
    if (next === undefined) return undefined
    if (!this.tried.includes(next.id)) return next
    this.services.selector.report(next, undefined)
    return undefined
  }

  private pickOptions() {
    const { tried, plan } = this
    const { options } = plan
    return tried.length === 0 ? options : { ...options, avoid: [...(options.avoid ?? []), ...tried] }
  }

  private use(node: ServiceNode): void {
    this.node = node
    this.connect(node.address, offersOf(node))
  }

  private connect(address: string, offers?: string): void {
    const link = this.services.pool.ready(address)
    if (link !== undefined) return this.send(link)
    let waits = true
    const take = (acquired: Link) => {
      waits = false
      this.send(acquired)
    }
    const fail = (error: ServiceError) => {
      waits = false
      this.unreachable(error)
    }
    const giveUp = this.services.pool.enqueue(address, { dedicated: false, take, fail }, offers)
    // It may have been served at once; then it is not what the attempt waits for.
    if (waits) this.cancelAttempt = giveUp
  }

  private send(link: Link): void {
    this.link = link
    try {
      this.write(link)
    } catch (failure) {
      this.leaveLink()
      this.finish(ServiceError.from(failure, 'headrace.client'))
    }
  }

  private write(link: Link): void {
    const { context, target } = this.plan
    const format = formatFor(link, this.node, this.plan)
    const now = this.instant ?? this.services.clock.scheduler.now()
    this.startedAt = now
    this.format = format
    const body = this.body ?? new Uint8Array(0)
    const frame = requestFrame(format, target, body, this.services.nextId)
    const message = format.envelope.writeRequest(frame, headersOf(this.plan, format, context.metadata, now))
    this.cancelAttempt = link.request(message, this)
  }

  /** A subscription that may already have answered synchronously; then it is not what the attempt waits for. */
  private awaiting(subscription: Subscription): void {
    if (!this.open) subscription.unsubscribe()
    else if (!subscription.closed) this.cancelAttempt = () => subscription.unsubscribe()
  }

  /** There is no link. Too many who wait here say nothing of the node; an address that is none, it has registered itself. */
  private unreachable(error: ServiceError): void {
    if (error.kind === 'resource_exhausted') return this.retry({ error, sent: false }, undefined)
    const { node } = this
    const named = node !== undefined && error.kind === 'bad_request'
    this.fail(
      named ? new ServiceError('unavailable', `node ${node.id}: ${error.detail}`, { cause: error }) : error,
      false,
    )
  }

  private retry(failed: FailedAttempt, nodeFailure: ServiceError | undefined): void {
    const { retries, idempotent } = this.plan
    const { node } = this
    this.report(undefined, nodeFailure)
    if (retries === 0 || !mayTryAgain(failed, idempotent)) return this.finish(failed.error)
    if (node !== undefined) this.tried = [...this.tried, node.id]
    if (node !== undefined && certainlyNotRun(failed) && this.useFreshNode()) return
    if (!this.open) return
    if (this.repeats === retries) return this.finish(failed.error)
    this.repeats += 1
    this.awaiting(
      pause(this.repeats - 1, this.services).subscribe({
        next: () => this.attempt(this.services.clock.scheduler.now()),
        error: (failure: unknown) => this.finish(ServiceError.from(failure)),
      }),
    )
  }

  /** What certainly did not run costs no attempt as long as there is a node that was not tried. */
  private useFreshNode(): boolean {
    try {
      const next = this.pickOther()
      if (next === undefined) return false
      this.use(next)
      return true
    } catch (failure) {
      this.finish(ServiceError.from(failure, 'headrace.client'))
      return false
    }
  }

  /** Every use of a node is reported once. */
  private report(latencyMs: number | undefined, failure?: ServiceError): void {
    const { node } = this
    this.node = undefined
    if (node !== undefined) this.services.selector.report(node, latencyMs, failure)
  }

  private expire(): void {
    const { endpoint, service } = this.plan.context
    const waited =
      this.link === undefined ? 'no connection was there' : `no answer came from ${this.link.peer}`
    const error = new ServiceError('timeout', `${service} ${endpoint}: ${waited} before the deadline`, {
      id: 'headrace.client',
    })
    // A node that does not answer in time has failed; one that was never asked has not.
    if (this.link !== undefined) this.report(undefined, error)
    this.abandon(error)
  }

  /** Ends the call from this side. Without an error nobody listens any more. */
  private abandon(error: ServiceError | undefined): void {
    if (!this.open) return
    this.cancelAttempt?.()
    this.leaveLink()
    this.settle()
    if (error !== undefined) this.observer.fail(error)
  }

  private finish(error: ServiceError): void {
    if (!this.open) return
    this.settle()
    this.observer.fail(error)
  }

  private settle(): void {
    this.open = false
    this.report(undefined)
    this.cancelDeadline?.()
    this.unwatch?.()
  }

  private leaveLink(now?: number): void {
    const { link } = this
    this.link = undefined
    this.cancelAttempt = undefined
    if (link !== undefined) this.services.pool.settled(link, now)
  }
}
