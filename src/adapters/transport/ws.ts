import type { Transport } from '../../streams/index.js'
import { webSocketOffer } from './http/fast-lane.js'
import { resolveHttpOptions, type HttpTransportOptions } from './http/options.js'
import { HttpTransport } from './http/transport.js'

// Of the adapter `http` because both have the same port, with the same wires on it: only what is offered and dialled differs.

/** The options of `ws()`. */
export type WsTransportOptions = Omit<HttpTransportOptions, 'fastLane'>

/**
 * The fast lane over WebSockets (docs/fast-lane.md): for networks in which something on the way passes HTTP and WebSockets and nothing else. It offers
 * and dials no other wire than `ws/1`; a node that does not offer that, and a call by address, gets HTTP as go-micro speaks it, which is served on the same port.
 *
 * @example
 * ws()                                           // ws://
 * ws({ tls: { ca, cert, key } })                 // wss://
 * ws({ allowedOrigins: ['https://shop.example'] }) // for web pages, too
 */
export function ws(options: WsTransportOptions = {}): Transport {
  const wires = [webSocketOffer]
  return new HttpTransport('ws', resolveHttpOptions({ ...options, fastLane: false }), {
    accepts: wires,
    dials: wires,
  })
}
