import { createSocket } from 'node:dgram'
import { Observable } from 'rxjs'
import { ServiceError } from '../../../streams/index.js'
import { instead, type MulticastPath } from './multicast-path.js'
import { MulticastSocket, type SocketOptions } from './socket.js'

/**
 * The socket that questions go out from. Cold. Emits the socket once it is bound, then stays silent. Errors `unavailable`. Unsubscribing
 * closes it.
 *
 * Its port is its own, because Go answers to the asker's address and port, and of all sockets that share port 5353 only
 * the one bound last would get that (PROTOCOL section 18). multicast-dns is made for the shared port, so this is plain dgram.
 */
export function openQuerySocket(path: MulticastPath, options: SocketOptions): Observable<MulticastSocket> {
  return new Observable(subscriber => {
    const socket = createSocket({ type: path.type, ipv6Only: path.type === 'udp6' })
    const opened = new MulticastSocket(socket, path, options)
    const fail = (cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause)
      subscriber.error(
        new ServiceError('unavailable', `mdns: cannot ask for services: ${text}; ${instead}`, { cause }),
      )
    }
    socket.on('error', fail)
    socket.bind({ port: 0, address: path.queryAddress }, () => {
      try {
        if (path.interface !== undefined) socket.setMulticastInterface(path.interface)
        socket.setMulticastTTL(255)
        socket.setMulticastLoopback(true)
        subscriber.next(opened)
      } catch (cause) {
        fail(cause)
      }
    })
    return () => options.onClosing(new Promise(resolve => socket.close(() => resolve())))
  })
}
