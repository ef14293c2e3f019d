import type { Clock } from '../../streams/clock.js'
import type { ServiceError } from '../../streams/errors.js'
import type { Link, Transport } from '../../streams/transport.js'
import type { ActorEvent } from '../actor-event.js'
import type { Crowd } from './waiting-line.js'

/** What the pools of all addresses share. */
export interface AddressPoolParts {
  readonly transport: Transport
  readonly clock: Clock
  readonly maxConnections: number
  readonly dialTimeoutMs: number
  readonly crowd: Crowd
  /** Whom to call when a use of a link has ended: one entry for each link that may be lent. */
  readonly owners: Map<Link, (now: number | undefined) => void>
  report(event: ActorEvent | { kind: 'dial_failed'; address: string; error: ServiceError }): void
  /** Called when there is a link more, or one less, that may be lent. */
  linkUp(): void
  linkDown(): void
  /** The peer does not answer, or is heard of again. */
  suspected(suspect: boolean): void
  /** Called when nothing is left here: no link, no dial, nobody who waits. */
  emptied(): void
}
