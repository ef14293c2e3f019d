import type { ServiceError } from '../streams/errors.js'
import type { Decision } from './supervisor.js'

/**
 * What an actor reports of itself, since nobody waits for it.
 * - `failed`: `receive` threw or an effect errored; `message` is what was being handled, and is dropped.
 * - `restarted`: it runs again from `start()`.
 * - `stopped`: it has ended; with an `error` unless it was closed.
 * - `dropped`: a message was not handled: the mailbox was full, or the actor had ended.
 */
export type ActorEvent =
  | {
      readonly kind: 'failed'
      readonly actor: string
      readonly error: ServiceError
      readonly decision: Decision
      readonly message?: unknown
    }
  | { readonly kind: 'restarted'; readonly actor: string }
  | { readonly kind: 'stopped'; readonly actor: string; readonly error?: ServiceError }
  | {
      readonly kind: 'dropped'
      readonly actor: string
      readonly message: unknown
      readonly reason: 'full' | 'ended'
    }
