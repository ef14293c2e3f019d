import { createServer, type DropArgument, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TlsOptions } from 'node:tls'
import { ServiceError, formatAddress, parseListenAddress } from '../../../streams/index.js'
import { fromNodeError } from '../../node-error.js'
import type { HttpTlsOptions, ResolvedHttpOptions } from './options.js'

/** What a listening socket tells. */
export interface ListenerEvents {
  /** Bound. False when nobody wants it any more. */
  listening(address: string): boolean
  failed(error: ServiceError): void
  /** A connection is ready; for TLS, `raw` is the TCP socket under it. */
  accepted(socket: Socket, raw: Socket): void
  /** A TCP connection was accepted, before any handshake. */
  connected(raw: Socket): void
  /** Something went wrong with a connection that nobody has yet. */
  fault(error: ServiceError): void
}

/** A listening socket at the first free port of an address. Throws `bad_request` for an address that is none. */
export function startListener(address: string, options: ResolvedHttpOptions, events: ListenerEvents): Server {
  const { host, ports } = parseListenAddress(address)
  const server =
    options.tls === undefined ? plainServer(options, events) : tlsServer(options, options.tls, events)
  let port = ports.from
  const bind = () => server.listen({ port, ...(host === '' ? {} : { host }) })
  server.maxConnections = options.maxConnections
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || port >= ports.to) {
      return events.failed(fromNodeError(`listen at ${address}`, error))
    }
    port += 1
    bind()
  })
  server.on('listening', () => {
    const bound = server.address()
    if (bound === null || typeof bound === 'string') return
    if (!events.listening(formatAddress(bound.address, bound.port))) server.close()
  })
  server.on('drop', (dropped?: DropArgument) => events.fault(tooMany(options.maxConnections, dropped)))
  bind()
  return server
}

function plainServer(options: ResolvedHttpOptions, events: ListenerEvents): Server {
  return createServer(socketOptions(options), socket => {
    events.connected(socket)
    events.accepted(socket, socket)
  })
}

function tlsServer(options: ResolvedHttpOptions, tls: HttpTlsOptions, events: ListenerEvents): TlsServer {
  const { requireClientCertificate = false, serverName: _, insecureSkipVerify: __, ...context } = tls
  if (context.cert === undefined && context.pfx === undefined) {
    throw new ServiceError('bad_request', 'listening with TLS needs tls.cert and tls.key, or tls.pfx')
  }
  const settings: TlsOptions = {
    ...context,
    ...socketOptions(options),
    requestCert: requireClientCertificate,
    rejectUnauthorized: requireClientCertificate,
    handshakeTimeout: options.headerTimeoutMs,
  }
  // Node does not tell which TCP socket a TLS socket is on; both know the peer's address, which is unique on one listener.
  const shaking = new Map<string, Socket>()
  const server = createTlsServer(settings, socket => {
    const peer = peerOf(socket)
    const raw = shaking.get(peer)
    shaking.delete(peer)
    if (raw === undefined) socket.destroy()
    else events.accepted(socket, raw)
  })
  server.on('connection', (raw: Socket) => {
    const peer = peerOf(raw)
    shaking.set(peer, raw)
    raw.once('close', () => {
      if (shaking.get(peer) === raw) shaking.delete(peer)
    })
    events.connected(raw)
  })
  server.on('tlsClientError', (error, socket) =>
    events.fault(fromNodeError(`TLS handshake with ${peerOf(socket)}`, error)),
  )
  return server
}

/** The address of the other end of a socket. */
export function peerOf({ remoteAddress = 'unknown', remotePort = 0 }: Socket): string {
  return formatAddress(remoteAddress, remotePort)
}

/** What every TCP socket of the transport is set to. */
function socketOptions({ keepAliveMs }: ResolvedHttpOptions) {
  return { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs }
}

function tooMany(limit: number, dropped: DropArgument | undefined): ServiceError {
  const peer = formatAddress(dropped?.remoteAddress ?? 'unknown', dropped?.remotePort ?? 0)
  return new ServiceError(
    'resource_exhausted',
    `a connection of ${peer} beyond maxConnections, ${limit}, was closed`,
  )
}
