import { createSocket } from 'node:dgram'
import multicastDns from 'multicast-dns'
import { Observable, first } from 'rxjs'
import { ServiceError, type Clock } from '../../../streams/index.js'
import { emptyMessage } from '../../../wire/mdns/dns-message.js'
import { writeDnsMessage } from '../../../wire/mdns/dns-writer.js'
import { instead, type MulticastPath } from './multicast-path.js'
import { MulticastSocket, type Packet, type SocketOptions } from './socket.js'

/** How often an unheard packet to ourselves is repeated, and for how long. */
const proofEveryMs = 100
const proofTries = 20

/**
 * The socket on the port of multicast DNS, shared with other processes. Cold. Emits the socket once it has joined the group
 * and has heard a packet of its own, so multicast is known to work; then stays silent. Errors `unavailable` when that does not
 * happen within 2 s, or later when the socket fails. Unsubscribing closes it.
 *
 * multicast-dns keeps the memberships as interfaces come and go. The socket is made here and handed to it, because what it
 * sends is encoded in a form of its own: not compressed, never without AA in an answer (PROTOCOL section 9.3).
 */
export function openGroupSocket(
  path: MulticastPath,
  options: SocketOptions,
  clock: Clock,
): Observable<MulticastSocket> {
  return new Observable(subscriber => {
    const socket = createSocket({ type: path.type, reuseAddr: true, ipv6Only: path.type === 'udp6' })
    const opened = new MulticastSocket(socket, path, options)
    const { port } = options
    const bind = path.type === 'udp4' ? '0.0.0.0' : '::'
    const membership = multicastDns({
      socket,
      port,
      bind,
      type: path.type,
      ip: path.group,
      ...(path.interface === undefined ? {} : { interface: path.interface }),
    })
    let joined = false
    let lastWarning: Error | undefined
    const fail = (cause: Error | undefined) => subscriber.error(unusable(path, port, cause))

    membership.on('networkInterface', () => (joined = true))
    membership.on('warning', warning => {
      if (!('syscall' in warning)) return // its own reading of a packet, which ours has judged
      lastWarning = warning
      if (joined) options.onFault(unusable(path, port, warning))
    })
    membership.on('error', fail)
    membership.on('ready', () => {
      if (!joined || (path.interface !== undefined && lastWarning !== undefined)) fail(lastWarning)
      else subscriber.add(proveMulticast(opened, clock, () => subscriber.next(opened), fail))
    })
    return () => options.onClosing(new Promise(resolve => membership.destroy(() => resolve())))
  })
}

/** Sends an empty query, which nobody answers, until it comes back. */
function proveMulticast(
  socket: MulticastSocket,
  clock: Clock,
  works: () => void,
  fails: (cause?: Error) => void,
) {
  const id = 1 + Math.floor(clock.random() * 0xffff)
  const proof = writeDnsMessage({ ...emptyMessage, id }, { compress: false })
  let tries = 0
  const tick = clock.scheduler.schedule(function () {
    tries += 1
    if (tries > proofTries) return fails(new Error('its own packets do not come back'))
    tick.add(socket.multicast(proof).subscribe({ error: fails }))
    this.schedule(undefined, proofEveryMs)
  })
  const isOurs = ({ message }: Packet) =>
    message.id === id && !message.response && message.questions.length === 0
  const next = () => {
    tick.unsubscribe()
    works()
  }
  tick.add(socket.packets.pipe(first(isOurs)).subscribe({ next, error: fails }))
  return tick
}

function unusable(path: MulticastPath, port: number, cause: Error | undefined): ServiceError {
  if (cause instanceof ServiceError) return cause
  const where = `${path.group}:${port} on ${path.interface ?? 'all interfaces'}`
  return new ServiceError(
    'unavailable',
    `mdns: no multicast at ${where}: ${cause?.message ?? 'not joined'}; ${instead}`,
    {
      cause,
    },
  )
}
