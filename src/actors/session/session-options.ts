import type { Clock } from '../../streams/clock.js'
import type { Formats } from '../../streams/codec.js'
import type { ServiceError } from '../../streams/errors.js'
import type { Deadlines } from '../deadlines.js'
import type { EndpointTable } from './endpoint-table.js'
import type { DeliverEvent } from './event-call.js'
import type { Health } from './probe.js'

/** What a session needs of its server. */
export interface SessionOptions {
  readonly service: string
  readonly endpoints: EndpointTable
  readonly formats: Formats
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Takes events that are sent to the port of the service. @default they are requests, and refused */
  readonly deliver?: DeliverEvent | undefined
  /** What a probe is told. @default 'ok' */
  readonly health?: (() => Health) | undefined
  /** A call began, or ended with what the peer was told (`undefined`: in good order). */
  readonly onCall: (change: 'began' | 'ended', failure?: ServiceError) => void
  /** The session is over. */
  readonly onClosed: () => void
}
