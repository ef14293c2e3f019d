import type { Transport } from '../../streams/index.js'
import { fastLaneOffer } from '../fast-lane.js'
import { webSocketOffer } from './http/fast-lane.js'
import { resolveHttpOptions, type HttpTransportOptions } from './http/options.js'
import { HttpTransport } from './http/transport.js'

export type { HttpTlsOptions, HttpTransportOptions, Upgrade } from './http/options.js'

/**
 * The transport of go-micro: each message is an HTTP/1.1 request or response of its own on a TCP or TLS connection, and the two directions
 * of a connection do not wait for each other (PROTOCOL section 2). One call or stream at a time on each connection.
 *
 * A response with another status than 200 arrives with the status under the header key `:status` (`503 Service Unavailable`); a server
 * sends another status by setting that key.
 *
 * @example
 * http()                                                            // plain TCP
 * http({ tls: { ca, cert, key, requireClientCertificate: true } })  // mutual TLS
 */
export function http(options: HttpTransportOptions = {}): Transport {
  const resolved = resolveHttpOptions(options)
  const { fastLane, allowedOrigins } = resolved
  const own = fastLane ? [fastLaneOffer] : []
  return new HttpTransport('http', resolved, {
    accepts: allowedOrigins.length > 0 ? [...own, webSocketOffer] : own,
    dials: fastLane ? [fastLaneOffer, webSocketOffer] : [],
  })
}
