import type { Observable } from 'rxjs'
import { systemClock, type Clock } from '../streams/clock.js'
import type { ServiceError } from '../streams/errors.js'
import { given, milliseconds, resolveOptions } from '../streams/options.js'
import type { Registry, ServiceRecord } from '../streams/registry.js'
import { spawn } from './actor.js'
import type { ActorEvent } from './actor-event.js'
import { phasesOf } from './phases.js'
import { createRegistering, type RegistrationNotice } from './registration/registering.js'

/** Where a registration stands. `lost`: the registry did not take the record again, and is being tried. */
export type RegistrationState = 'idle' | 'registering' | 'registered' | 'lost' | 'closed'

/** What a registration reports: its actor, and how it fares with the registry. */
export type RegistrationEvent = ActorEvent | RegistrationNotice

/** One service record in one registry: put there, kept there, taken out. */
export interface Registration {
  /** Hot; replays the latest at once. Completes after `closed`, never errors. Unsubscribing stops nothing. Emits only changes, so a slow consumer is no matter. */
  readonly state: Observable<RegistrationState>

  /**
   * Registers the record, and keeps it registered. Cold. Emits nothing; completes when the registry has accepted it for the first time. Errors: what the registry said, or `timeout`:
   * nothing is registered then, and it may be started again; `conflict` when it was started already, `unavailable` when it was closed. Unsubscribing before it has completed gives up and takes
   * the record out again; afterwards it stops nothing.
   */
  start(record: ServiceRecord): Observable<never>

  /** Registers another record in place of the present one; nodes that are only in the old one are taken out. Does nothing before `start`. */
  update(record: ServiceRecord): void

  /** Takes the record out of the registry, for at most `timeoutMs`. May be called at any time and more than once: all calls share one promise, which never rejects. */
  close(): Promise<void>

  /** Ends now; the record stays until its time to live is over. */
  abort(error: ServiceError): void
}

/** Options of {@link createRegistration}. */
export interface RegistrationOptions {
  readonly registry: Registry
  /** @default the machine's clock */
  readonly clock?: Clock
  /** How long the registry keeps the record without hearing of it, in milliseconds; 0: until it is taken out. @default 60000 */
  readonly ttlMs?: number
  /** How often the record is registered again, in milliseconds; 0: never. @default 30000 */
  readonly intervalMs?: number
  /** How long one register or deregister may take, in milliseconds. @default 5000 */
  readonly timeoutMs?: number
  /** The longest delay before the first attempt to register again when the registry was lost, in milliseconds; it doubles with each. @default 100 */
  readonly retryBaseMs?: number
  /** The longest such delay there is, in milliseconds. @default 10000 */
  readonly retryMaxMs?: number
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: RegistrationEvent) => void
}

/** A registration at `options.registry`, which is not closed with it. Throws `bad_request` for a wrong option. */
export function createRegistration(options: RegistrationOptions): Registration {
  const { report, ...parts } = resolveOptions<Required<RegistrationOptions>>('registration', options, {
    registry: given(options.registry),
    clock: given<Clock>(systemClock),
    ttlMs: milliseconds(60_000),
    intervalMs: milliseconds(30_000),
    timeoutMs: milliseconds(5_000, 1),
    retryBaseMs: milliseconds(100),
    retryMaxMs: milliseconds(10_000),
    report: given<(event: RegistrationEvent) => void>(() => undefined),
  })
  let remembered: ServiceRecord | undefined
  const behavior = createRegistering({ ...parts, notice: report, remembered: () => remembered })
  const actor = spawn(behavior, { name: 'registration', clock: parts.clock, report })
  const forget = () => (remembered = undefined)
  actor.state.subscribe({ next: ({ record }) => (remembered = record), error: forget, complete: forget })
  return {
    state: phasesOf(actor, 'idle'),
    start: record =>
      actor.ask<never>(
        answer => ({ kind: 'start', record, answer }),
        () => ({ kind: 'abandon' }),
      ),
    update: record => void actor.tell({ kind: 'update', record }),
    close: () => actor.close(),
    abort: error => actor.abort(error),
  }
}
