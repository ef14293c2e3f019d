import { BehaviorSubject, type Observable } from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import type { ServedEndpoint } from '../streams/server.js'
import { createDebug, type Debug } from './debug.js'
import type { ServiceEvent } from './events.js'
import type { LazyParts } from './lazy-parts.js'
import { bringDown, bringUp, runHooks, type Running } from './lifecycle.js'
import type { CloseOptions } from './options.js'
import { closedError } from './parts.js'
import type { ServiceState } from './service-types.js'
import type { ServiceSettings } from './settings.js'
import type { SubscriberSpec } from './subscribers.js'

/** What a life is about. The lists are read at the start. */
export interface LifeInit {
  readonly settings: ServiceSettings
  readonly lazy: LazyParts
  readonly endpoints: ReadonlyMap<string, ServedEndpoint>
  readonly subscribers: readonly SubscriberSpec[]
  readonly tell: (event: ServiceEvent) => void
  /** Called once, after `closed` or `failed`. */
  readonly ended: () => void
}

/** How long a close waits for what is under way, in milliseconds, unless it is told. */
const defaultCloseMs = 10_000

/** The phases of a service: `idle → starting → running → draining → closed`, and `failed`. */
export class Life {
  private readonly phase = new BehaviorSubject<ServiceState>('idle')
  private starting: Promise<void> | undefined
  private closing: Promise<void> | undefined
  private running: Running | undefined
  private debug: Debug | undefined

  readonly state: Observable<ServiceState> = this.phase.asObservable()

  constructor(private readonly init: LifeInit) {}

  get now(): ServiceState {
    return this.phase.value
  }

  get current(): Running | undefined {
    return this.running
  }

  start(): Promise<void> {
    if (this.closing !== undefined) return Promise.reject(closedError(this.init.settings.name))
    this.starting ??= this.bringUp()
    return this.starting
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.closing ??= this.bringDown(options)
    return this.closing
  }

  /** Ends now: everything under way is aborted. */
  abort(error: ServiceError): Promise<void> {
    this.running?.server.abort(error)
    this.init.lazy.current?.pool.abort(error)
    return this.close({ timeoutMs: 0, lingerMs: 0 })
  }

  private async bringUp(): Promise<void> {
    const { settings, lazy, tell, endpoints, subscribers } = this.init
    this.phase.next('starting')
    try {
      await runHooks(settings.hooks.beforeStart)
      const parts = await lazy.parts()
      this.debug = await createDebug(settings.clock, settings.facts)
      const running = await bringUp({
        settings,
        parts,
        tell,
        endpoints: [...this.debug.endpoints, ...endpoints.values()],
        subscribers,
        fail: error => void this.fail(error),
      })
      this.running = running
      await runHooks(settings.hooks.afterStart)
    } catch (failure) {
      await this.giveUp()
      throw ServiceError.from(failure, settings.name)
    }
    if (this.closing === undefined) this.phase.next('running')
  }

  /** A start that failed leaves nothing behind. */
  private async giveUp(): Promise<void> {
    if (this.running !== undefined) await this.takeDown({ timeoutMs: 0, lingerMs: 0 })
    await this.free(0)
    this.finish('failed')
  }

  private async bringDown(options: CloseOptions): Promise<void> {
    const { settings } = this.init
    await this.starting?.catch(() => undefined) // whoever started it has heard why it failed
    if (this.now === 'failed') return
    this.phase.next('draining')
    await this.runStopHooks(settings.hooks.beforeStop)
    const { timeoutMs = defaultCloseMs } = options
    const until = settings.clock.scheduler.now() + timeoutMs
    await this.takeDown({ ...options, timeoutMs })
    await this.free(Math.max(0, until - settings.clock.scheduler.now()))
    await this.runStopHooks(settings.hooks.afterStop)
    this.finish('closed')
  }

  private async takeDown(options: CloseOptions & { readonly timeoutMs: number }): Promise<void> {
    const { settings, lazy, tell } = this.init
    const { running } = this
    const parts = lazy.current
    if (running !== undefined && parts !== undefined)
      await bringDown(running, { settings, parts, tell }, options)
  }

  private async free(timeoutMs: number): Promise<void> {
    await this.init.lazy.close(timeoutMs)
    this.debug?.close()
    this.running = undefined
  }

  private async fail(error: ServiceError): Promise<void> {
    this.warn('the service has failed', error)
    await this.abort(error)
  }

  private async runStopHooks(hooks: Parameters<typeof runHooks>[0]): Promise<void> {
    try {
      await runHooks(hooks)
    } catch (failure) {
      this.warn('a stop hook failed', ServiceError.from(failure)) // stopping goes on
    }
  }

  private warn(what: string, error: ServiceError): void {
    const event = { kind: what, error }
    this.init.tell({ level: 'warning', source: 'service', text: `${what}: ${error.detail}`, error, event })
  }

  private finish(state: 'closed' | 'failed'): void {
    this.phase.next(state)
    this.phase.complete()
    this.init.ended()
  }
}
