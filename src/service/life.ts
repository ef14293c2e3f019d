import { BehaviorSubject, ReplaySubject, type Observable } from 'rxjs'
import type { Health } from '../actors/session/probe.js'
import { ServiceError } from '../streams/errors.js'
import type { ServedEndpoint } from '../streams/server.js'
import { createDebug, type Debug } from './debug.js'
import type { ServiceEvent } from './events.js'
import type { LazyParts } from './lazy-parts.js'
import { bringDown, bringUp, type Running } from './lifecycle.js'
import type { CloseOptions, Hook } from './options.js'
import { closedError } from './parts.js'
import type { ServiceState } from './service-types.js'
import type { ServiceSettings } from './settings.js'
import type { SubscriberSpec } from './subscribers.js'
import { Patience, unless } from './wait.js'

/** What a life is about. The lists are read at the start. */
export interface LifeInit {
  readonly settings: ServiceSettings
  readonly lazy: LazyParts
  readonly endpoints: ReadonlyMap<string, ServedEndpoint>
  readonly subscribers: readonly SubscriberSpec[]
  readonly tell: (event: ServiceEvent) => void
  readonly events: Observable<ServiceEvent>
  /** Called once, after `closed` or `failed`. */
  readonly ended: () => void
}

/** The phases of a service: `idle → starting → running → draining → closed`, and `failed`. */
export class Life {
  private readonly phase = new BehaviorSubject<ServiceState>('idle')
  private readonly patience: Patience
  /** Errors when the service is to be closed: a start that is under way gives up. */
  private readonly stop = new ReplaySubject<never>(1)
  private starting: Promise<void> | undefined
  private closing: Promise<void> | undefined
  private isWell = false
  private running: Running | undefined
  private debug: Debug | undefined
  private why: ServiceError | undefined

  readonly state: Observable<ServiceState> = this.phase.asObservable()

  constructor(private readonly init: LifeInit) {
    this.patience = new Patience(init.settings.clock)
  }

  get now(): ServiceState {
    return this.phase.value
  }

  get current(): Running | undefined {
    return this.running
  }

  /** Why the service has failed, if so. */
  get failure(): ServiceError | undefined {
    return this.why
  }

  start(): Promise<void> {
    if (this.starting === undefined && this.closing !== undefined)
      return Promise.reject(closedError(this.init.settings.name))
    this.starting ??= this.bringUp()
    return this.starting
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.closing ??= this.now === 'failed' ? Promise.resolve() : this.bringDown(options)
    return this.closing
  }

  /** Ends now: everything under way is aborted. */
  abort(error: ServiceError): Promise<void> {
    this.patience.end()
    this.running?.server.abort(error)
    for (const { subscription } of this.running?.subscribers ?? []) subscription.abort(error)
    this.init.lazy.current?.pool.abort(error)
    return this.close({ timeoutMs: 0, lingerMs: 0 })
  }

  private async bringUp(): Promise<void> {
    const { settings } = this.init
    this.phase.next('starting')
    try {
      await this.runHooks(settings.hooks.beforeStart)
      this.running = await this.launch()
      await this.runHooks(settings.hooks.afterStart)
    } catch (failure) {
      const error = ServiceError.from(failure, settings.name)
      if (this.closing === undefined) await this.giveUp(error)
      throw error
    }
    this.phase.next('running')
  }

  private async launch(): Promise<Running> {
    const { settings, lazy, tell, events, endpoints, subscribers } = this.init
    const parts = await unless(this.stop, lazy.parts())
    const { afterStart = [] } = settings.hooks
    // Without hooks that are still to run it is well as soon as it can be found.
    const registers = () => void (this.isWell = afterStart.length === 0)
    const health = () => (this.isWell && this.now === 'starting' ? 'ok' : healthIn(this.now))
    this.debug = await createDebug(settings.clock, settings.facts, events, health)
    return bringUp({
      settings,
      parts,
      tell,
      endpoints: [...this.debug.endpoints, ...endpoints.values()],
      subscribers,
      registers,
      health,
      stop: this.stop,
      fail: error => void this.fail(error),
    })
  }

  /** A start that failed leaves nothing behind. */
  private async giveUp(error: ServiceError): Promise<void> {
    this.why = error
    this.patience.end()
    await this.takeDown({ timeoutMs: 0, lingerMs: 0 })
    await this.runStopHooks(this.init.settings.hooks.afterStop)
    this.finish()
  }

  private async bringDown(options: CloseOptions): Promise<void> {
    const { settings } = this.init
    this.phase.next('draining')
    this.stop.error(closedError(settings.name))
    await this.starting?.catch(() => undefined) // whoever started it has heard why it gave up
    if (this.running !== undefined) await this.runStopHooks(settings.hooks.beforeStop)
    await this.takeDown(options)
    if (this.starting !== undefined) await this.runStopHooks(settings.hooks.afterStop)
    this.finish()
  }

  private async takeDown({ timeoutMs = defaultTimeoutMs, ...linger }: CloseOptions): Promise<void> {
    const { settings, lazy, tell } = this.init
    const { running, patience } = this
    const parts = lazy.current
    if (running !== undefined && parts !== undefined) {
      const options = { timeoutMs, ...linger }
      await bringDown(running, { settings, parts, tell, patience }, options).catch((failure: unknown) =>
        this.warn('the service did not stop in order', ServiceError.from(failure)),
      )
    } else {
      patience.limit(timeoutMs)
    }
    await lazy.close(patience)
    this.debug?.close()
    this.running = undefined
  }

  private async fail(error: ServiceError): Promise<void> {
    this.why ??= error
    this.warn('the service has failed', error)
    await this.abort(error)
  }

  /** One after another; the first failure ends them, and so does a close. */
  private async runHooks(hooks: readonly Hook[] = []): Promise<void> {
    for (const hook of hooks) await unless(this.stop, Promise.resolve().then(hook))
  }

  private async runStopHooks(hooks: readonly Hook[] = []): Promise<void> {
    for (const hook of hooks) {
      try {
        await hook()
      } catch (failure) {
        this.warn('a stop hook failed', ServiceError.from(failure)) // stopping goes on
      }
    }
  }

  private warn(what: string, error: ServiceError): void {
    const event = { kind: what, error }
    this.init.tell({ level: 'warning', source: 'service', text: `${what}: ${error.detail}`, error, event })
  }

  private finish(): void {
    this.phase.next(this.why === undefined ? 'closed' : 'failed')
    this.phase.complete()
    this.init.ended()
  }
}

/** Only who runs should get new calls. */
function healthIn(state: ServiceState): Health {
  if (state === 'running') return 'ok'
  return state === 'idle' || state === 'starting' ? 'starting' : 'draining'
}

/** What `CloseOptions` promises. */
const defaultTimeoutMs = 10_000
