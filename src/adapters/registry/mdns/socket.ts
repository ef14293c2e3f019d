import type { Socket } from 'node:dgram'
import { Observable, Subject } from 'rxjs'
import { ServiceError } from '../../../streams/index.js'
import type { DnsMessage } from '../../../wire/mdns/dns-message.js'
import { readDnsMessage } from '../../../wire/mdns/dns-reader.js'
import { instead, type MulticastPath } from './multicast-path.js'

/** Where a packet came from. */
export interface Sender {
  readonly address: string
  readonly port: number
}

/** A packet that was received and read. */
export interface Packet {
  readonly message: DnsMessage
  /** Sends something back, from the socket it came in by, to the one it came from. As {@link MulticastSocket.multicast}. */
  readonly reply: (bytes: Uint8Array) => Observable<never>
}

/** What both kinds of sockets need to know. */
export interface SocketOptions {
  /** The port of multicast DNS. */
  readonly port: number
  readonly maxPacketBytes: number
  /** Hears of packets that cannot be read. */
  readonly onFault: (error: ServiceError) => void
  /** Hears of each socket that begins to close. */
  readonly onClosing: (closed: Promise<void>) => void
}

/** An open socket of multicast DNS. */
export class MulticastSocket {
  private readonly arrivals = new Subject<Packet>()
  private closed = false
  /** Hot. Every packet from near that can be read; completes when the socket closes. A slow consumer slows nobody. */
  readonly packets: Observable<Packet> = this.arrivals.asObservable()

  constructor(
    private readonly socket: Socket,
    private readonly path: MulticastPath,
    private readonly options: SocketOptions,
  ) {
    socket.on('message', (bytes, from) => this.receive(bytes, from))
    socket.once('close', () => {
      this.closed = true
      this.arrivals.complete()
    })
  }

  /** Sends to everybody. Cold; completes when the system has it. Errors `unavailable`. */
  multicast(bytes: Uint8Array): Observable<never> {
    return this.send(bytes, { address: this.path.group, port: this.options.port })
  }

  /** Sends to one. As {@link multicast}. */
  send(bytes: Uint8Array, to: Sender): Observable<never> {
    if (bytes.length > this.options.maxPacketBytes) return tooLarge(bytes, this.options.maxPacketBytes)
    return new Observable<never>(subscriber => {
      if (this.closed) return subscriber.complete()
      this.socket.send(bytes, to.port, to.address, cause => {
        if (cause === null || this.closed) subscriber.complete()
        else subscriber.error(sendFailure(to, cause))
      })
    })
  }

  private receive(bytes: Uint8Array, from: Sender): void {
    if (!this.path.isNear(from.address)) return
    try {
      if (bytes.length > this.options.maxPacketBytes)
        throw new ServiceError('bad_request', `mdns: a packet of ${bytes.length} bytes; see maxPacketBytes`)
      const message = readDnsMessage(bytes)
      this.arrivals.next({ message, reply: answer => this.send(answer, from) })
    } catch (cause) {
      const { kind, message } = ServiceError.from(cause)
      this.options.onFault(
        new ServiceError(kind, `${message}; it came from ${from.address}:${from.port}`, { cause }),
      )
    }
  }
}

function tooLarge(bytes: Uint8Array, limit: number): Observable<never> {
  return new Observable(subscriber =>
    subscriber.error(
      new ServiceError(
        'bad_request',
        `mdns: the node's packet has ${bytes.length} bytes; at most ${limit} are sent (maxPacketBytes)`,
      ),
    ),
  )
}

function sendFailure(to: Sender, cause: Error): ServiceError {
  return new ServiceError('unavailable', `mdns: cannot send to ${to.address}: ${cause.message}; ${instead}`, {
    cause,
  })
}
