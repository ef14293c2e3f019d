import type { PeerName } from './cells.js'

/** What a peer can do by nature, where peers differ within a kind of call. */
export interface Traits {
  /** Whether the deadline of a call goes with it. */
  readonly deadlines: boolean
  /** Headers that it sends and reads as they are. */
  readonly headers: Readonly<Record<string, string>>
}

const go: Traits = { deadlines: true, headers: { 'X-User-Id': '42', 'X-Name': 'Grüße' } }

export const traits: Readonly<Record<PeerName, Traits>> = {
  'go-micro 2017': go,
  'go-micro 1.18': go,
  // HTTP in Java takes headers for ISO 8859-1.
  'ja-micro': { deadlines: false, headers: { 'X-User-Id': '42' } },
}

/** How a peer is spoken to that is called by its address: without a registry nothing says which generation it is of. */
export const dialectOf = (peer: PeerName): 'rpc' | 'mucp' => (peer === 'go-micro 1.18' ? 'mucp' : 'rpc')
