import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Observable, catchError, throwError } from 'rxjs'
import { ServiceError, formatAddress, parseListenAddress, type Clock } from '../../../streams/index.js'
import { fromNodeError } from '../../node-error.js'
import { InboxSocket, type TakeOver } from './inbox-socket.js'
import type { BrokerTlsOptions, ResolvedBrokerOptions } from './options.js'
import { UpgradeWatch } from './upgrade-watch.js'

/** A node that publishes keeps an idle connection for less than this, so the end that may reuse it closes it. */
const keepAliveMs = 120_000

/** How long a connection may take to end when its listener closes. */
const lingerMs = 250

/** A bound server. */
export interface Listener {
  /** The real `host:port`. */
  readonly address: string
  /** Stops accepting and closes the connections: idle ones now, the others when their requests are answered or a moment later. */
  close(): Promise<void>
}

/** What a listener does with what arrives. */
export interface ListenerHandlers {
  /** A connection, before its first request. */
  readonly accept: (socket: InboxSocket) => void
  /** `proceed` is there when the client waits to be asked for the body. */
  readonly request: (request: IncomingMessage, response: ServerResponse, proceed?: () => void) => void
  /** Whether a connection is not read at the moment: a request of it that is not whole yet is then not its publisher's fault. */
  readonly holds: (socket: object) => boolean
  /** A connection changes to the fast lane. Absent: none does. */
  readonly shared?: {
    readonly takeOver: TakeOver
    /** The listener closes: nothing new is taken. Resolves when all are closed. */
    readonly retire: () => Promise<void>
    /** The time for that is over. */
    readonly abort: () => void
  }
  readonly fault: (error: ServiceError) => void
}

/**
 * Binds the first free port of the address. Cold. Emits the listener, which from then on is the subscriber's, and completes. Errors:
 * `conflict` when every port is taken, `bad_request`, `forbidden`. Unsubscribing before that leaves nothing bound.
 */
export function listen(options: ResolvedBrokerOptions, handlers: ListenerHandlers): Observable<Listener> {
  const { host, ports } = parseListenAddress(options.address)
  const bindFrom = (port: number): Observable<Listener> =>
    bind(options, handlers, host, port).pipe(
      catchError((error: ServiceError) =>
        error.kind === 'conflict' && port < ports.to ? bindFrom(port + 1) : throwError(() => error),
      ),
    )
  return bindFrom(ports.from)
}

function bind(
  options: ResolvedBrokerOptions,
  handlers: ListenerHandlers,
  host: string,
  port: number,
): Observable<Listener> {
  return new Observable(subscriber => {
    const server = serverOrRefusal(options, handlers)
    let kept = false
    const failed = (error: Error) => {
      const failure = fromNodeError(`http broker: cannot listen at ${formatAddress(host, port)}`, error)
      if (kept) handlers.fault(failure)
      else subscriber.error(failure)
    }
    server.on('error', failed)
    server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
      const { address, port } = server.address() as AddressInfo
      kept = true
      subscriber.next({
        address: formatAddress(address, port),
        close: () => closeServer(server, options.clock, handlers),
      })
      subscriber.complete()
    })
    return () => (kept ? undefined : void closeServer(server, options.clock, handlers))
  })
}

function closeServer(server: Server, clock: Clock, { shared }: ListenerHandlers): Promise<void> {
  return new Promise(resolve => {
    const limit = clock.scheduler.schedule(() => {
      shared?.abort()
      server.closeAllConnections()
    }, lingerMs)
    const emptied = shared?.retire()
    server.keepAliveTimeout = 1 // for connections whose last answer is on its way
    server.close(() => {
      limit.unsubscribe()
      resolve(emptied)
    })
    server.closeIdleConnections()
  })
}

function serverOrRefusal(options: ResolvedBrokerOptions, handlers: ListenerHandlers): Server {
  try {
    return serverFor(options, handlers)
  } catch (error) {
    const detail = `http broker: option 'tls' does not make a server: ${String(error)}`
    throw new ServiceError('bad_request', detail, { cause: error })
  }
}

function serverFor(options: ResolvedBrokerOptions, handlers: ListenerHandlers): Server {
  const { maxHeaderBytes, requestTimeoutMs, tls } = options
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
    keepAliveTimeout: keepAliveMs,
  }
  const server =
    tls === undefined ? createServer(limits) : createSecureServer({ ...limits, ...serverTls(tls) })
  serveThrough(server, tls === undefined ? 'connection' : 'secureConnection', maxHeaderBytes, handlers)
  server.maxConnections = options.maxConnections
  server.on('request', (request, response) => handlers.request(request, response))
  server.on('checkContinue', (request, response) =>
    handlers.request(request, response, () => response.writeContinue()),
  )
  server.on('drop', () => handlers.fault(tooMany(options.maxConnections)))
  server.on('tlsClientError', (error: Error) =>
    handlers.fault(fromNodeError('http broker: TLS handshake', error)),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && handlers.holds(socket)) return
    if (error.code !== 'ECONNRESET') handlers.fault(unreadable(error)) // a peer that goes away is no fault
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })
  return server
}

/** Gives Node's http server each connection as an {@link InboxSocket}. */
function serveThrough(
  server: Server,
  event: string,
  maxHeadBytes: number,
  { accept, shared }: ListenerHandlers,
): void {
  const serving = server.listeners(event)
  server.removeAllListeners(event)
  server.on(event, (raw: Socket) => {
    const socket =
      shared === undefined
        ? new InboxSocket(raw)
        : new InboxSocket(raw, new UpgradeWatch(maxHeadBytes), shared.takeOver)
    accept(socket)
    for (const serve of serving) serve.call(server, socket)
  })
}

function serverTls({
  requireClientCertificate,
  insecureSkipVerify: _,
  ...context
}: BrokerTlsOptions): object {
  return { ...context, requestCert: requireClientCertificate === true, rejectUnauthorized: true }
}

function tooMany(limit: number): ServiceError {
  return new ServiceError(
    'resource_exhausted',
    `http broker: a connection beyond ${limit} was closed; see maxConnections`,
  )
}

function unreadable(error: Error): ServiceError {
  return new ServiceError('bad_request', `http broker: unreadable request: ${error.message}`, {
    cause: error,
  })
}
