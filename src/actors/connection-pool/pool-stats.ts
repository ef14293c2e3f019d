import type { SharedStats } from '../../streams/shared-stats.js'

/** What a pool holds at one address. */
export interface ConnectionPoolStats {
  readonly address: string
  /** Open connections, without those that were handed out for good. */
  readonly links: number
  /** Those of them with nothing under way. */
  readonly idle: number
  readonly dialling: number
  /** Callers who wait for a link. */
  readonly waiting: number
  /** The peer does not answer at the moment: it is not chosen while another node is there. */
  readonly suspect: boolean
  /** Those of the links that carry many calls and channels at once. */
  readonly shared: readonly SharedStats[]
}
