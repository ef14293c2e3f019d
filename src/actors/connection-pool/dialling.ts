import type { Observable } from 'rxjs'
import type { ServiceError } from '../../streams/errors.js'
import type { Behavior, Step } from '../behavior.js'
import type { PooledLink } from './pooled-link.js'

/** How many connections there are to one address. */
export interface Counts {
  /** Open ones, also those that are to close when what is under way is done. */
  readonly links: number
  readonly dialling: number
  /** The last dial failed: until one succeeds there is one at a time. */
  readonly failing: boolean
}

/** No connection at all. */
export const none: Counts = { links: 0, dialling: 0, failing: false }

/** What the actor of an address hears. */
export type Transition =
  /** Callers wait whom `need` links would serve. */
  | { readonly kind: 'wanted'; readonly need: number }
  | { readonly kind: 'up'; readonly pooled: PooledLink }
  | { readonly kind: 'failed'; readonly error: ServiceError }
  /** A link has closed or left the pool. */
  | { readonly kind: 'gone' }

/** What the actor does, and where it publishes what it has decided. */
export interface DiallingParts {
  readonly maxConnections: number
  /** Emits `wanted`. */
  readonly wants: Observable<Transition>
  /** Dials, then tends the link until it is gone: `failed`, or `up` and `gone`. */
  readonly dial: Observable<Transition>
  /** Called after each turn, with what the turn was about. */
  publish(counts: Counts, after?: Transition): void
}

/** How many more dials are to be started for callers who need so many links. */
export function dialsMissing(
  { links, dialling, failing }: Counts,
  need: number,
  maxConnections: number,
): number {
  const allowed = failing ? Math.min(1, maxConnections - links) : maxConnections - links
  return Math.max(0, Math.min(need, allowed) - dialling)
}

/** The decisions about the connections to one address: when to dial, how often, what is open. */
export function createDialling(parts: DiallingParts): Behavior<Counts, Transition> {
  const step = (state: Counts, after: Transition, dials = 0): Step<Counts, Transition> => ({
    state,
    reply: [() => parts.publish(state, after)],
    run: Array.from({ length: dials }, () => ({ messages: parts.dial })),
  })
  return {
    start: () => ({ state: none, reply: [() => parts.publish(none)], run: [{ messages: parts.wants }] }),
    receive(counts, message) {
      const { links, dialling } = counts
      switch (message.kind) {
        case 'wanted': {
          const dials = dialsMissing(counts, message.need, parts.maxConnections)
          return step({ ...counts, dialling: dialling + dials }, message, dials)
        }
        case 'up':
          return step({ links: links + 1, dialling: dialling - 1, failing: false }, message)
        case 'failed':
          return step({ links, dialling: dialling - 1, failing: true }, message)
        case 'gone':
          return step({ ...counts, links: links - 1 }, message)
      }
    },
  }
}
