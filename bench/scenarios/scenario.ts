import type { Measurement, Numbers } from '../measurement.js'
import type { PeerClient } from '../peers/peer.js'

/** A load on a peer: one file of this folder for each kind of load. It runs in the client's process. */
export interface Scenario extends Measurement {
  /** In processes that were started for it, not in those that all scenarios share; a quick run shares them all. @default false */
  readonly fresh?: boolean
  /** It takes long and varies little: measured in so many rounds at most. @default all */
  readonly rounds?: number
  /** How much: milliseconds, calls or streams, as the scenario says. */
  readonly size: Readonly<Record<'full' | 'quick', number>>
  /** Measures. `count` in the result is what processor time is divided by. `undefined`: the peer has no such thing. */
  run(client: PeerClient, size: number): Promise<Numbers> | undefined
}
