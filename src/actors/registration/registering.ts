import {
  EMPTY,
  catchError,
  defer,
  endWith,
  map,
  of,
  throwError,
  timeout,
  timer,
  type Observable,
  type Observer,
} from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import { ServiceError } from '../../streams/errors.js'
import { fullJitter } from '../../streams/operators/backoff.js'
import type { Registry, ServiceRecord } from '../../streams/registry.js'
import type { Behavior, Effect, Step } from '../behavior.js'

/** What a registration knows. */
export interface Standing {
  /** `registering` until the first acceptance, `lost` when a later one did not come. */
  readonly phase: 'idle' | 'registering' | 'registered' | 'lost'
  readonly record?: ServiceRecord
  /** How many times in a row the registry has refused or was out of reach. */
  readonly failures: number
  /** Who waits for the first acceptance. */
  readonly starter?: Observer<never>
}

/** What the actor of a registration hears. */
export type RegistrationMessage =
  | { readonly kind: 'start'; readonly record: ServiceRecord; readonly answer: Observer<never> }
  /** Nobody waits for the first acceptance any more. */
  | { readonly kind: 'abandon' }
  | { readonly kind: 'update'; readonly record: ServiceRecord }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly error: ServiceError }
  /** It is time to register again. */
  | { readonly kind: 'due' }

/** Something a registration tells although nobody waits for it. */
export type RegistrationNotice =
  /** The registry has the record: for the first time, or again after it was lost. */
  | { readonly kind: 'registered'; readonly record: ServiceRecord }
  /** The registry did not take the record again; the next attempt is in `retryMs` milliseconds. */
  | { readonly kind: 'registration_lost'; readonly error: ServiceError; readonly retryMs: number }
  /** The record could not be taken out; it stays until its time to live is over. */
  | { readonly kind: 'deregistration_failed'; readonly error: ServiceError }

/** What a registration is made of. */
export interface RegisteringParts {
  readonly registry: Registry
  readonly clock: Clock
  readonly ttlMs: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  /** What was registered before a restart. */
  remembered(): ServiceRecord | undefined
  notice(notice: RegistrationNotice): void
}

type RegistrationStep = Step<Standing, RegistrationMessage>

/** The decisions about one registration: when to register, when to try again, what to take out. */
export function createRegistering(parts: RegisteringParts): Behavior<Standing, RegistrationMessage> {
  return {
    start: () => {
      const record = parts.remembered()
      if (record === undefined) return { state: { phase: 'idle', failures: 0 } }
      return { state: { phase: 'lost', record, failures: 0 }, run: [register(parts, record)] }
    },
    receive: (standing, message) => {
      switch (message.kind) {
        case 'start':
          return begin(parts, standing, message.record, message.answer)
        case 'abandon':
          return abandon(parts, standing)
        case 'update':
          return update(parts, standing, message.record)
        case 'accepted':
          return accepted(parts, standing)
        case 'refused':
          return refused(parts, standing, message.error)
        case 'due':
          return {
            state: standing,
            run: standing.record === undefined ? [] : [register(parts, standing.record)],
          }
      }
    },
    stop: ({ record }) => (record === undefined ? EMPTY : deregister(parts, record)),
  }
}

function begin(
  parts: RegisteringParts,
  standing: Standing,
  record: ServiceRecord,
  starter: Observer<never>,
): RegistrationStep {
  if (standing.phase === 'idle') {
    return { state: { phase: 'registering', record, failures: 0, starter }, run: [register(parts, record)] }
  }
  const error = new ServiceError(
    'conflict',
    `${record.name}: this registration was started already; use update()`,
  )
  return { state: standing, reply: [() => starter.error(error)] }
}

function abandon(parts: RegisteringParts, { record }: Standing): RegistrationStep {
  const run = record === undefined ? [] : [{ messages: deregister(parts, record) }]
  return { state: { phase: 'idle', failures: 0 }, cancel: ['register'], run }
}

function update(parts: RegisteringParts, standing: Standing, record: ServiceRecord): RegistrationStep {
  if (standing.record === undefined) return { state: standing }
  const left = leftBehind(standing.record, record)
  const run: Effect<RegistrationMessage>[] = [register(parts, record)]
  if (left !== undefined) run.push({ messages: deregister(parts, left) })
  return { state: { ...standing, record }, cancel: ['next'], run }
}

function accepted(parts: RegisteringParts, { phase, record, starter }: Standing): RegistrationStep {
  if (record === undefined) return { state: { phase: 'idle', failures: 0 } }
  const reply = [() => starter?.complete()]
  if (phase !== 'registered') reply.push(() => parts.notice({ kind: 'registered', record }))
  const run = parts.intervalMs > 0 ? [next(parts, parts.intervalMs)] : []
  return { state: { phase: 'registered', record, failures: 0 }, reply, run }
}

function refused(parts: RegisteringParts, standing: Standing, error: ServiceError): RegistrationStep {
  const { record, starter } = standing
  if (record === undefined) return { state: standing }
  if (starter !== undefined)
    return { state: { phase: 'idle', failures: 0 }, reply: [() => starter.error(error)] }
  const failures = standing.failures + 1
  const limits = { baseMs: parts.retryBaseMs, maxMs: parts.retryMaxMs }
  const retryMs = fullJitter(failures, limits, parts.clock.random)
  const lost = () => parts.notice({ kind: 'registration_lost', error, retryMs })
  return {
    state: { phase: 'lost', record, failures },
    reply: standing.phase === 'lost' ? [] : [lost],
    run: [next(parts, retryMs)],
  }
}

/** What of the old record the new one does not replace. */
function leftBehind(old: ServiceRecord, fresh: ServiceRecord): ServiceRecord | undefined {
  if (old.name !== fresh.name || old.version !== fresh.version) return old
  const kept = new Set(fresh.nodes.map(({ id }) => id))
  const nodes = old.nodes.filter(({ id }) => !kept.has(id))
  return nodes.length === 0 ? undefined : { ...old, nodes }
}

function next({ clock }: RegisteringParts, delayMs: number): Effect<RegistrationMessage> {
  return { key: 'next', messages: timer(delayMs, clock.scheduler).pipe(map(() => ({ kind: 'due' }))) }
}

function register(parts: RegisteringParts, record: ServiceRecord): Effect<RegistrationMessage> {
  const { registry, ttlMs } = parts
  const messages = bounded(parts, `register ${record.name}`, () =>
    registry.register(record, ttlMs > 0 ? { ttlMs } : {}),
  ).pipe(
    endWith<RegistrationMessage>({ kind: 'accepted' }),
    catchError((reason: unknown) =>
      of<RegistrationMessage>({ kind: 'refused', error: ServiceError.from(reason) }),
    ),
  )
  return { key: 'register', messages }
}

function deregister(parts: RegisteringParts, record: ServiceRecord): Observable<never> {
  return bounded(parts, `deregister ${record.name}`, () => parts.registry.deregister(record)).pipe(
    catchError((reason: unknown) => {
      parts.notice({ kind: 'deregistration_failed', error: ServiceError.from(reason) })
      return EMPTY
    }),
  )
}

function bounded(
  { clock, timeoutMs }: RegisteringParts,
  what: string,
  operation: () => Observable<never>,
): Observable<never> {
  const late = () => new ServiceError('timeout', `${what}: no answer from the registry after ${timeoutMs} ms`)
  return defer(operation).pipe(
    timeout({ first: timeoutMs, scheduler: clock.scheduler, with: () => throwError(late) }),
  )
}
