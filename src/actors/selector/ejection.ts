import { map, timer } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import type { Behavior, Effect, Step } from '../behavior.js'
import type { EjectionOptions } from './ejection-options.js'

/** Where a node that failed is: `out` until a time, back on `probation`, or out on `trial` until the outcome of its one use is known. */
export interface Ejected {
  readonly phase: 'out' | 'probation' | 'trial'
  /** When `out` or `trial` ends, in milliseconds of the clock. */
  readonly until: number
  /** How many trials have failed. */
  readonly relapses: number
}

/** The ejected nodes of one service, by node id. */
export type EjectedNodes = ReadonlyMap<string, Ejected>

/**
 * What a service's ejection hears: transitions, not uses. `failed`: a node that failed too often in a row, or is ejected, has failed.
 * `picked`: a node on probation was given to a caller. `kept`: of all nodes only these are left.
 */
export type EjectionMessage =
  | { readonly kind: 'failed' | 'succeeded' | 'picked'; readonly id: string }
  | { readonly kind: 'kept'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'due' | 'reset' }

type EjectionStep = Step<EjectedNodes, EjectionMessage>

/** The behavior that knows which nodes of a service are out, and lets them come back. */
export function ejection(
  options: Required<EjectionOptions>,
  clock: Clock,
): Behavior<EjectedNodes, EjectionMessage> {
  const change = (state: EjectedNodes, id: string, ejected: Ejected | undefined): EjectionStep => {
    const next = new Map(state)
    if (ejected === undefined) next.delete(id)
    else next.set(id, ejected)
    return withTimer(next, clock)
  }
  const outFor = (relapses: number) =>
    Math.min(options.maxMs, options.baseMs * 2 ** relapses) * (1 - options.jitter * clock.random())
  const out = (phase: 'out' | 'trial', relapses: number): Ejected => ({
    phase,
    relapses,
    until: clock.scheduler.now() + outFor(relapses),
  })

  const failed = (state: EjectedNodes, id: string): EjectionStep => {
    const ejected = state.get(id)
    if (ejected === undefined) return change(state, id, out('out', 0))
    if (ejected.phase !== 'out') return change(state, id, out('out', ejected.relapses + 1))
    // Uses that were under way when the node was ejected fail too: that is the same failure.
    return options.probation ? { state } : change(state, id, out('out', 0))
  }
  const due = (state: EjectedNodes): EjectionStep => {
    const now = clock.scheduler.now()
    const next = new Map(state)
    for (const [id, ejected] of state) {
      if (ejected.phase === 'probation' || ejected.until > now) continue
      if (options.probation) next.set(id, { ...ejected, phase: 'probation' })
      else next.delete(id)
    }
    return withTimer(next, clock)
  }

  return {
    start: () => ({ state: new Map() }),
    receive(state, message) {
      switch (message.kind) {
        case 'failed':
          return failed(state, message.id)
        case 'succeeded':
          return state.has(message.id) ? change(state, message.id, undefined) : { state }
        case 'picked': {
          const ejected = state.get(message.id)
          if (ejected?.phase !== 'probation') return { state }
          return change(state, message.id, out('trial', ejected.relapses))
        }
        case 'kept':
          return withTimer(new Map([...state].filter(([id]) => message.ids.has(id))), clock)
        case 'due':
          return due(state)
        case 'reset':
          return withTimer(new Map(), clock)
      }
    },
  }
}

/** One timer, for the node whose time ends first. */
function withTimer(state: EjectedNodes, clock: Clock): EjectionStep {
  const ends = [...state.values()].filter(({ phase }) => phase !== 'probation').map(({ until }) => until)
  if (ends.length === 0) return { state, cancel: ['due'] }
  const first = ends.reduce((a, b) => Math.min(a, b))
  const effect: Effect<EjectionMessage> = {
    key: 'due',
    messages: timer(Math.max(0, first - clock.scheduler.now()), clock.scheduler).pipe(
      map(() => ({ kind: 'due' }) as const),
    ),
  }
  return { state, run: [effect] }
}
