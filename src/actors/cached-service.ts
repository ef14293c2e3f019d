import { catchError, concat, defer, map, of, timer, type Observable } from 'rxjs'
import type { Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import { fullJitter } from '../streams/operators/backoff.js'
import { foldRegistry } from '../streams/operators/fold-registry.js'
import { flattenNodes, type Registry, type ServiceRecord } from '../streams/registry.js'
import type { Snapshot } from '../streams/snapshot.js'
import type { Behavior, Effect, Step } from './behavior.js'

/** What the registry cache wants known although nobody waits for it. */
export type CacheEvent =
  /** The watch was lost: the last snapshot is served while it is set up again. */
  | { readonly kind: 'stale'; readonly service: string; readonly error: ServiceError }
  /** The registry was out of reach for too long, or from the start: who asks now gets this error. */
  | { readonly kind: 'unreachable'; readonly service: string; readonly error: ServiceError }
  /** The watch is there again. */
  | { readonly kind: 'fresh'; readonly service: string }

/** What is known of one service: a snapshot, or why there is none, or neither while the first answer is awaited. */
export interface CachedState {
  readonly snapshot?: Snapshot
  readonly outage?: ServiceError
  /** How often in a row the watch was lost. */
  readonly lost: number
}

/** What a cached service hears from its effects. */
export type CachedMessage =
  | { readonly kind: 'watched'; readonly services: readonly ServiceRecord[] }
  | { readonly kind: 'lost'; readonly error: ServiceError }
  | { readonly kind: 'retry' }
  | { readonly kind: 'expired'; readonly error: ServiceError }

/** What a cached service needs. */
export interface CachedServiceInit {
  readonly service: string
  readonly registry: Registry
  readonly clock: Clock
  readonly staleForMs: number
  readonly retryBaseMs: number
  readonly retryMaxMs: number
  readonly report: (event: CacheEvent) => void
}

/** The behavior behind one name of the registry cache: it watches, and watches again; what it knows outlives the watch for a while. */
export function cachedService(init: CachedServiceInit): Behavior<CachedState, CachedMessage> {
  return {
    start: () => ({ state: { lost: 0 }, run: [watch(init)] }),
    receive(state, message) {
      switch (message.kind) {
        case 'watched':
          return watched(init, state, message.services)
        case 'lost':
          return lost(init, state, message.error)
        case 'retry':
          return { state, run: [watch(init)] }
        case 'expired':
          return unreachable(init, state, message.error)
      }
    },
  }
}

type CachedStep = Step<CachedState, CachedMessage>

function watched(
  { service, clock, report }: CachedServiceInit,
  state: CachedState,
  services: readonly ServiceRecord[],
): CachedStep {
  const at = clock.scheduler.now()
  const snapshot = { service, services, nodes: flattenNodes(services), stale: false, at }
  return {
    state: { snapshot, lost: 0 },
    cancel: ['expiry'],
    reply: state.lost === 0 ? [] : [() => report({ kind: 'fresh', service })],
  }
}

function lost(init: CachedServiceInit, state: CachedState, error: ServiceError): CachedStep {
  const { service, clock, staleForMs, retryBaseMs, retryMaxMs, report } = init
  const next = { ...state, lost: state.lost + 1 }
  const retryMs = fullJitter(next.lost, { baseMs: retryBaseMs, maxMs: retryMaxMs }, clock.random)
  const retry = after(clock, 'retry', retryMs, { kind: 'retry' })
  const { snapshot } = state
  if (snapshot === undefined) {
    const { state: out, reply = [] } = unreachable(init, next, error)
    return { state: out, reply, run: [retry] }
  }
  if (snapshot.stale) return { state: next, run: [retry] }
  return {
    state: { ...next, snapshot: { ...snapshot, stale: true } },
    reply: [() => report({ kind: 'stale', service, error })],
    run: [retry, after(clock, 'expiry', staleForMs, { kind: 'expired', error })],
  }
}

function unreachable(
  { service, registry, report }: CachedServiceInit,
  state: CachedState,
  cause: ServiceError,
): CachedStep {
  const outage = new ServiceError(
    'unavailable',
    `service ${service}: registry ${registry.name} is out of reach: ${cause.message}`,
    { cause },
  )
  const told = state.outage !== undefined
  return {
    state: { outage, lost: state.lost },
    reply: told ? [] : [() => report({ kind: 'unreachable', service, error: outage })],
  }
}

/** Never ends by itself: a watch that errors or completes becomes a message. */
function watch({ service, registry }: CachedServiceInit): Effect<CachedMessage> {
  const ended = new ServiceError('unavailable', 'the watch has ended, the registry was closed')
  const states: Observable<CachedMessage> = defer(() => registry.watch(service)).pipe(
    foldRegistry(),
    map(services => ({ kind: 'watched', services: services.filter(({ name }) => name === service) })),
  )
  const messages = concat(states, of<CachedMessage>({ kind: 'lost', error: ended })).pipe(
    catchError((error: unknown) => of<CachedMessage>({ kind: 'lost', error: ServiceError.from(error) })),
  )
  return { key: 'watch', messages }
}

function after(clock: Clock, key: string, ms: number, message: CachedMessage): Effect<CachedMessage> {
  return { key, messages: timer(ms, clock.scheduler).pipe(map(() => message)) }
}
