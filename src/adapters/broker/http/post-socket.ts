import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HostPort } from '../../../streams/index.js'
import { connectSlabSocket } from '../../slab-socket.js'
import type { BrokerTlsOptions } from './options.js'

const keepAliveProbeMs = 30_000

/** A socket on its way to a subscriber. */
export interface PostSocket {
  readonly socket: Socket
  /** The event that says that it is connected, and verified. */
  readonly ready: 'connect' | 'secureConnect'
}

/** Dials a subscriber: plainly without `tls`, else verified as {@link BrokerTlsOptions} says. */
export function dialSubscriber({ host, port }: HostPort, tls: BrokerTlsOptions | undefined): PostSocket {
  const settings = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveProbeMs }
  if (tls === undefined) return { socket: connectSlabSocket(settings), ready: 'connect' }
  const { requireClientCertificate: _, insecureSkipVerify, ...context } = tls
  const socket = connectTls({
    ...context,
    ...settings,
    // RFC 6066 forbids an IP address as the server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: insecureSkipVerify !== true,
  })
  return { socket, ready: 'secureConnect' }
}
