import type { Broker } from 'headrace/streams'

/** What the laws of a broker are proven on: two handles that reach each other. */
export interface BrokerSubject {
  readonly publisher: Broker
  readonly subscriber: Broker
  /** How many deliveries of one subscription may be unanswered: 2 to 64. */
  readonly window: number
  /** How many messages of one handle may wait for one subscriber: `window` + 4 to 128. */
  readonly queueSize: number
  /** For the feature `loss`: the broker is lost to both handles until `reconnect`. */
  disconnect?(): void
  /** Ends a `disconnect`. */
  reconnect?(): void
}
