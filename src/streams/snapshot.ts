import type { ServiceNode, ServiceRecord } from './registry.js'

/** What is known of one service at one time. Never changed: a change is another snapshot. */
export interface Snapshot {
  readonly service: string
  /** All nodes of all versions. */
  readonly nodes: readonly ServiceNode[]
  /** The same by version. */
  readonly services: readonly ServiceRecord[]
  /** The registry is out of reach since this was true. */
  readonly stale: boolean
  /** When this was last known to be true, in milliseconds of the clock. */
  readonly at: number
}
