import { Observable } from 'rxjs'
import { ServiceError, type Clock, type SendLimits } from '../../streams/index.js'
import type { MuxLimits } from '../../wire/mux.js'
import { Sweep } from '../sweep.js'
import { MuxLink } from './mux-link.js'
import type { MuxPeer } from './mux-peer.js'
import { MuxSocket, type MuxOwner } from './mux-socket.js'
import type { Pipe } from './pipe.js'

/** What the multiplexers of one transport have in common. */
export interface MuxEndsOptions {
  readonly limits: MuxLimits
  readonly clock: Clock
  /** How long a peer may take to say what it allows. */
  readonly dialTimeoutMs: number
  /** How long a connection stays that was ended here but not by the peer. */
  readonly lingerMs: number
  /** Hears what went wrong and nobody waits for. */
  readonly fault: (error: ServiceError) => void
}

/** The connections of a transport that carry a multiplexer, at both ends. */
export class MuxEnds {
  private readonly sweep: Sweep

  constructor(private readonly options: MuxEndsOptions) {
    this.sweep = new Sweep(options.clock.scheduler, sweepMs(options.limits))
  }

  /**
   * A link over a pipe whose peer has agreed. Cold. Emits it when the peer has said what it allows, and completes. Errors `unavailable`,
   * `timeout`. Unsubscribing before that destroys the pipe.
   */
  link(pipe: Pipe, address: string): Observable<MuxLink> {
    const { clock, dialTimeoutMs, fault } = this.options
    return new Observable(subscriber => {
      let isReady = false
      const ready = () => {
        isReady = true
        timer.unsubscribe()
        subscriber.next(link)
        subscriber.complete()
      }
      const link = new MuxLink(address, this.window, ready, fault)
      const lost = () =>
        subscriber.error(new ServiceError('unavailable', `dial ${address}: the peer closed the connection`))
      link.closed.subscribe({ error: lost, complete: lost })
      const late = () =>
        subscriber.error(new ServiceError('timeout', `dial ${address}: nothing within ${dialTimeoutMs} ms`))
      const timer = clock.scheduler.schedule(late, dialTimeoutMs)
      const socket = this.mux(pipe, address, true, link)
      link.attach(socket)
      this.watch(socket, link.closed)
      socket.start()
      return () => {
        timer.unsubscribe()
        if (!isReady) pipe.destroy()
      }
    })
  }

  /** Puts a connection that a listener has taken on its pipe; it is to be emitted before anything else happens. */
  accept(pipe: Pipe, connection: MuxPeer): void {
    const socket = this.mux(pipe, connection.peer, false, connection)
    connection.attach(socket)
    this.watch(socket, connection.closed)
    queueMicrotask(() => socket.start())
  }

  /** What a channel holds at most. */
  get window(): SendLimits {
    const { streamMessages, streamBytes } = this.options.limits
    return { messages: streamMessages, bytes: streamBytes }
  }

  private mux(pipe: Pipe, peer: string, dialled: boolean, owner: MuxOwner): MuxSocket {
    const { limits, clock, lingerMs } = this.options
    return new MuxSocket({ pipe, peer, dialled, limits, owner, now: () => clock.scheduler.now(), lingerMs })
  }

  private watch(socket: MuxSocket, closed: Observable<never>): void {
    const forget = () => this.sweep.delete(socket)
    this.sweep.add(socket)
    closed.subscribe({ error: forget, complete: forget })
  }
}

/** How often a connection is looked at, in milliseconds: often enough that no verdict is late by more than an eighth. */
function sweepMs({ pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs }: MuxLimits): number {
  return Math.max(5, Math.min(pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs) / 8)
}
