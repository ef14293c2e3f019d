import type { Socket } from 'node:net'
import { Observable } from 'rxjs'
import { ServiceError, type SendLimits } from '../../../streams/index.js'
import { fastLaneSweepMs, muxSocket, switching } from './fast-lane.js'
import { MuxLink } from './mux-link.js'
import { MuxPeer, type PeerReception } from './mux-peer.js'
import type { MuxSocket } from './mux-socket.js'
import type { ResolvedHttpOptions } from './options.js'
import { Sweep } from './sweep.js'

/** How long a peer that refused the fast lane is not asked again, in milliseconds. */
const refusedForMs = 60_000

/** How many of those are remembered. */
const maxRefused = 1024

/** The connections of a transport that changed to the fast lane, at both ends. */
export class MuxEnds {
  private readonly sweep: Sweep
  private readonly window: SendLimits
  private readonly refusedAt = new Map<string, number>()

  constructor(
    private readonly options: ResolvedHttpOptions,
    private readonly fault: (error: ServiceError) => void,
  ) {
    const { clock, windowMessages, windowBytes } = options
    this.sweep = new Sweep(clock.scheduler, fastLaneSweepMs(options))
    this.window = { messages: windowMessages, bytes: windowBytes }
  }

  /** Whether a peer has refused the fast lane a short while ago. */
  hasRefused(address: string): boolean {
    const at = this.refusedAt.get(address)
    return at !== undefined && this.options.clock.scheduler.now() - at < refusedForMs
  }

  refused(address: string): void {
    if (this.refusedAt.size >= maxRefused) this.refusedAt.clear()
    this.refusedAt.set(address, this.options.clock.scheduler.now())
  }

  /**
   * A link over a socket whose peer has agreed. Cold. Emits it when the peer has said what it allows, and completes. Errors `unavailable`,
   * `timeout`. Unsubscribing before that destroys the socket.
   */
  link(socket: Socket, address: string, rest: Uint8Array): Observable<MuxLink> {
    const { clock, dialTimeoutMs } = this.options
    return new Observable(subscriber => {
      let isReady = false
      const ready = () => {
        isReady = true
        timer.unsubscribe()
        subscriber.next(link)
        subscriber.complete()
      }
      const link = new MuxLink(address, this.window, ready, this.fault)
      const lost = () =>
        subscriber.error(new ServiceError('unavailable', `dial ${address}: the peer closed the connection`))
      link.closed.subscribe({ error: lost, complete: lost })
      const late = () =>
        subscriber.error(new ServiceError('timeout', `dial ${address}: nothing within ${dialTimeoutMs} ms`))
      const timer = clock.scheduler.schedule(late, dialTimeoutMs)
      const muxed = muxSocket(socket, address, true, link, this.options)
      link.attach(muxed)
      this.watch(muxed, socket)
      muxed.start(rest)
      return () => {
        timer.unsubscribe()
        if (!isReady) socket.destroy()
      }
    })
  }

  /** Changes an accepted connection to the fast lane; it is to be emitted before anything else happens. */
  accept(socket: Socket, peer: string, rest: Uint8Array, reception: PeerReception): MuxPeer {
    const connection = new MuxPeer(peer, this.window, reception)
    const muxed = muxSocket(socket, peer, false, connection, this.options)
    connection.attach(muxed)
    this.watch(muxed, socket)
    socket.write(switching)
    queueMicrotask(() => muxed.start(rest))
    return connection
  }

  private watch(muxed: MuxSocket, socket: Socket): void {
    this.sweep.add(muxed)
    socket.once('close', () => this.sweep.delete(muxed))
  }
}
