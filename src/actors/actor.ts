import { EMPTY, ReplaySubject, Subscription, defer, type Observable, type Observer } from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import { resolveActorOptions, type ActorOptions } from './actor-options.js'
import { Asks, type Letter } from './asks.js'
import type { Actor, Behavior, Step } from './behavior.js'
import { createDeferred } from './deferred.js'
import { Effects } from './effects.js'
import { Mailbox } from './mailbox.js'
import { createSupervisor } from './supervisor.js'

/** Starts an actor; unless its start fails, its first state is there when this returns. Throws `bad_request` for a wrong option. */
export function spawn<S, M>(behavior: Behavior<S, M>, options?: ActorOptions): Actor<S, M> {
  return new RunningActor(behavior, resolveActorOptions(options))
}

class RunningActor<S, M> implements Actor<S, M> {
  private readonly mailbox: Mailbox<Letter<M>>
  private readonly effects: Effects<M>
  private readonly asks: Asks<M>
  private readonly states = new ReplaySubject<S>(1)
  private readonly ended = createDeferred()
  private readonly judge
  private phase: 'running' | 'restarting' | 'stopping' | 'ended' = 'running'
  private committed: { readonly state: S } | undefined
  private closing = false
  private stopping = Subscription.EMPTY
  readonly state = this.states.asObservable()

  constructor(
    private readonly behavior: Behavior<S, M>,
    private readonly options: Required<ActorOptions>,
  ) {
    this.judge = createSupervisor(options.clock, options.supervision)
    this.mailbox = new Mailbox(options.clock.scheduler, options, letter => this.open(letter))
    this.asks = new Asks(
      letter => this.send(letter),
      make => this.post(() => this.receive(make)),
    )
    this.effects = new Effects({
      post: job => this.post(job),
      receive: message => this.receive(() => message, message),
      fail: reason => this.fail(reason),
    })
    this.post(() => this.turn(() => behavior.start()))
  }

  tell(message: M): boolean {
    return this.send({ message }) === undefined
  }

  ask<R>(make: (answer: Observer<R>) => M, onUnsubscribe?: (answer: Observer<R>) => M): Observable<R> {
    return this.asks.ask(make, onUnsubscribe)
  }

  close(): Promise<void> {
    const first = !this.closing
    this.closing = true
    if (first && this.phase === 'running') this.post(() => this.stop())
    else if (this.phase === 'restarting') this.finish()
    return this.ended.promise
  }

  abort(error: ServiceError): void {
    this.finish(error)
  }

  /** Puts a letter into the mailbox, or says why not. */
  private send(letter: Letter<M>): ServiceError | undefined {
    const { name, maxMailbox, report } = this.options
    const ended = this.closing || this.phase === 'ended'
    if (!ended && this.mailbox.offer(letter)) return undefined
    report({ kind: 'dropped', actor: name, message: letter.message, reason: ended ? 'ended' : 'full' })
    return ended
      ? new ServiceError('unavailable', `${name}: has ended`)
      : new ServiceError('resource_exhausted', `${name}: ${maxMailbox} messages wait already; try later`)
  }

  private post(job: () => void): void {
    if (this.phase === 'running') this.mailbox.post(job)
  }

  private open({ message, asker }: Letter<M>): void {
    if (asker === undefined || this.asks.accept(asker)) this.receive(() => message, message)
  }

  private receive(make: () => M, message?: M): void {
    const { committed } = this
    if (committed !== undefined) this.turn(() => this.behavior.receive(committed.state, make()), message)
  }

  private turn(decide: () => Step<S, M>, message?: M): void {
    try {
      const { state, cancel = [], reply = [], run = [] } = decide()
      const changed = this.committed === undefined || this.committed.state !== state
      this.committed = { state }
      if (changed) this.states.next(state)
      for (const key of cancel) this.effects.cancel(key)
      for (const answer of reply) answer()
      // A reply or an effect may have aborted the actor: then nothing more is started.
      for (const effect of run) if (this.phase === 'running') this.effects.start(effect)
    } catch (reason) {
      this.fail(reason, message)
    }
  }

  private fail(reason: unknown, message?: M): void {
    if (this.phase !== 'running') return
    const { name, report, onFailure } = this.options
    const error = ServiceError.from(reason, name)
    const { decision, delayMs } = this.closing ? { decision: 'stop' as const, delayMs: 0 } : this.judge(error)
    report({ kind: 'failed', actor: name, error, decision, ...(message === undefined ? {} : { message }) })
    if (decision === 'restart') return this.restart(error, delayMs)
    this.finish(error)
    if (decision === 'escalate') onFailure(error)
  }

  private restart(error: ServiceError, delayMs: number): void {
    const { name, report } = this.options
    // Jobs of the old state that still wait find neither their effect nor a state, and are void.
    this.phase = 'restarting'
    this.mailbox.rest(delayMs, () => {
      this.phase = 'running'
      report({ kind: 'restarted', actor: name })
      this.turn(() => this.behavior.start())
    })
    this.release(new ServiceError('unavailable', `${name}: failed: ${error.message}`, { cause: error }))
  }

  private stop(): void {
    const { committed, behavior } = this
    this.phase = 'stopping'
    this.dismiss(new ServiceError('unavailable', `${this.options.name}: was closed`))
    this.stopping = defer(() => (committed && behavior.stop?.(committed.state)) ?? EMPTY).subscribe({
      error: (reason: unknown) => this.finish(ServiceError.from(reason, this.options.name)),
      complete: () => this.finish(),
    })
  }

  private finish(error?: ServiceError): void {
    if (this.phase === 'ended') return
    const { name, report } = this.options
    this.phase = 'ended'
    this.stopping.unsubscribe()
    this.dismiss(error ?? new ServiceError('unavailable', `${name}: was closed`))
    if (error === undefined) this.states.complete()
    else this.states.error(error)
    report({ kind: 'stopped', actor: name, ...(error === undefined ? {} : { error }) })
    this.ended.resolve()
  }

  /** Turns away all that is and waits. */
  private dismiss(error: ServiceError): void {
    const { name, report } = this.options
    const letters = this.mailbox.seal()
    this.release(error)
    for (const { message, asker } of letters) {
      if (asker === undefined) report({ kind: 'dropped', actor: name, message, reason: 'ended' })
      else asker.fail(error)
    }
  }

  /** Lets go of all that belongs to the present state. */
  private release(error: ServiceError): void {
    this.committed = undefined
    this.effects.cancelAll(reason => {
      const { name, report } = this.options
      report({ kind: 'failed', actor: name, error: ServiceError.from(reason, name), decision: 'stop' })
    })
    this.asks.failAll(error)
  }
}
