import { systemClock, type Clock } from '../streams/clock.js'
import type { ServiceError } from '../streams/errors.js'
import { count, given, resolveOptions, text, type OptionRules } from '../streams/options.js'
import type { ActorEvent } from './actor-event.js'
import type { Supervision } from './supervisor.js'

/** How an actor runs. */
export interface ActorOptions {
  /** Its name in errors and reports. @default 'actor' */
  readonly name?: string
  /** @default the machine's clock */
  readonly clock?: Clock
  /** How many messages from outside may wait. @default 1024 */
  readonly maxMailbox?: number
  /** After how many turns in a row the actor lets the event loop go on. @default 256 */
  readonly maxTurns?: number
  /** How its failures are answered. @default restart, at most 5 times in 30 s, then escalate */
  readonly supervision?: Supervision
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: ActorEvent) => void
  /** Called once when a failure is escalated; the actor has ended by then. @default nothing more than the report */
  readonly onFailure?: (error: ServiceError) => void
}

const rules: OptionRules<Required<ActorOptions>> = {
  name: text('actor'),
  clock: given<Clock>(systemClock),
  maxMailbox: count(1_024),
  maxTurns: count(256),
  supervision: given<Supervision>({}),
  report: given<(event: ActorEvent) => void>(() => undefined),
  onFailure: given<(error: ServiceError) => void>(() => undefined),
}

/** The options of an actor with every default filled in. Throws `bad_request` for a wrong one. */
export function resolveActorOptions(options: ActorOptions | undefined): Required<ActorOptions> {
  return resolveOptions('actor', options as Required<ActorOptions> | undefined, rules)
}
