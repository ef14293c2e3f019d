/** What a node writes into its metadata when it speaks the fast lane. */
export const fastLaneOffer = 'mux/1'

/** What a request to change to it asks for. */
export const fastLaneToken = 'headrace-mux/1'

/** The answer of a listener that changes to the fast lane. */
export const switching = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${fastLaneToken}\r\n\r\n`

/** The wires besides HTTP that both a transport and a node know, by what the node offers, the best one first. */
export function sharedWires(own: readonly string[], offers: string | undefined): readonly string[] {
  if (offers === undefined || own.length === 0) return []
  const offered = offers.split(',').map(offer => offer.trim())
  return own.filter(wire => offered.includes(wire))
}
