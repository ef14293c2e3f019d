import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { Observable } from 'rxjs'
import { ServiceError, parseAddress } from '../../../streams/index.js'
import { fromNodeError } from '../../node-error.js'
import { connectSlabSocket } from '../../slab-socket.js'
import type { HttpTlsOptions, ResolvedHttpOptions } from './options.js'

/** A connected socket; for TLS, `raw` is the TCP socket under `socket`. */
export interface Dialled {
  readonly socket: Socket
  readonly raw: Socket
}

/**
 * Connects to an address. Cold; emits once and completes. Errors as `Transport.dial` says. Unsubscribing before the value destroys the
 * socket. `opened` sees each TCP socket when it is made.
 */
export function dialSocket(
  address: string,
  options: ResolvedHttpOptions,
  opened: (raw: Socket) => void,
): Observable<Dialled> {
  return new Observable(subscriber => {
    const { host, port } = parseAddress(address)
    const { keepAliveMs, dialTimeoutMs, tls, clock } = options
    const settings = {
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    }
    // Under TLS nothing is read from the TCP socket itself.
    const raw = (tls === undefined ? connectSlabSocket : connect)({ host, port, ...settings })
    opened(raw)
    const socket = tls === undefined ? raw : secure(raw, host, tls)
    const fail = (error: ServiceError) => subscriber.error(error)
    const tooSlow = new ServiceError('timeout', `dial ${address}: no connection within ${dialTimeoutMs} ms`)
    const timer = clock.scheduler.schedule(() => fail(tooSlow), dialTimeoutMs)
    const stopWatching = watch([raw, socket], address, fail)
    let pending = true
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      if (subscriber.closed) return
      pending = false
      stopWatching()
      subscriber.next({ socket, raw })
      subscriber.complete()
    })
    return () => {
      timer.unsubscribe()
      if (pending) discard(socket, raw)
    }
  })
}

/** A TLS socket takes the TCP socket under it along, and must: Node crashes when the latter goes within a callback of the former. */
function discard(socket: Socket, raw: Socket): void {
  if (raw.connecting) raw.destroy()
  socket.destroy()
}

/** Reports the first failure of a socket, and of the TCP socket under it. */
function watch(sockets: readonly Socket[], address: string, fail: (error: ServiceError) => void): () => void {
  const onError = (error: Error) => fail(fromNodeError(`dial ${address}`, error))
  const onClose = () =>
    fail(new ServiceError('unavailable', `dial ${address}: the peer closed the connection`))
  for (const socket of sockets) socket.on('error', onError).on('close', onClose)
  return () => {
    for (const socket of sockets) socket.off('error', onError).off('close', onClose)
  }
}

function secure(raw: Socket, host: string, tls: HttpTlsOptions): TLSSocket {
  const { requireClientCertificate: _, serverName, insecureSkipVerify = false, ...context } = tls
  const name = serverName ?? host
  return connectTls({
    ...context,
    socket: raw,
    host: name,
    // RFC 6066 forbids an IP address as the server name.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: !insecureSkipVerify,
  })
}
