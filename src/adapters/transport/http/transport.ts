import type { Server, Socket } from 'node:net'
import { Observable, defer, from, map, of, switchMap, tap, type Subscriber } from 'rxjs'
import {
  ServiceError,
  type Channel,
  type Link,
  type ListenEvent,
  type SendLimits,
  type Transport,
} from '../../../streams/index.js'
import { HeadWriter, createRequestParser, createResponseParser } from '../../../wire/http1.js'
import { askUpgrade } from '../../ask-upgrade.js'
import { EventSource } from '../../event-source.js'
import { sharedWires, switching } from '../../fast-lane.js'
import { MuxEnds } from '../../mux/mux-ends.js'
import { RefusedUpgrades } from '../../refused-upgrades.js'
import { SocketPipe } from '../../socket-pipe.js'
import { MuxPeer } from '../../mux/mux-peer.js'
import type { Pipe } from '../../mux/pipe.js'
import { admission } from './admission.js'
import { Accepted, type Reception } from './accepted.js'
import { HttpConnection } from './connection.js'
import { dialSocket, type Dialled } from './dial.js'
import { fastLaneLimits, webSocketOffer } from './fast-lane.js'
import { HttpLink } from './link.js'
import { OpenSockets } from './open-sockets.js'
import { peerOf, startListener, type ListenerEvents } from './listener.js'
import type { ResolvedHttpOptions } from './options.js'
import { Sweep } from '../../sweep.js'
import { WebSockets } from './web-sockets.js'

/** Something that is ended when the transport is closed. */
interface Abortable {
  abort(error: ServiceError): void
}

/** How often connections are looked at: often enough for the shortest limit, and not more often than that. */
const longestSweepMs = 5000

/** The wires of a transport beside HTTP, by what nodes offer. */
export interface Wires {
  /** What its listeners take. */
  readonly accepts: readonly string[]
  /** What it dials where a node offers it, the best one first. */
  readonly dials: readonly string[]
}

/** What came of asking a peer to change to another wire. */
type Answer = { readonly pipe: Pipe } | { readonly refused: string }

/** The transports of go-micro's HTTP and of the wires that share its port; made by `http()` and `ws()`. */
export class HttpTransport implements Transport {
  readonly callsPerLink = 1
  readonly offers?: string
  private readonly eventSource: EventSource
  readonly events

  private readonly sweep: Sweep
  private readonly window: SendLimits
  private readonly muxEnds: MuxEnds
  private readonly refusals: RefusedUpgrades
  private readonly acceptsWebSockets: boolean
  private webSockets: Promise<WebSockets> | undefined
  private readonly live = new Set<Abortable>()
  private readonly sockets = new OpenSockets()
  private readonly listeners = new Set<Subscriber<ListenEvent>>()
  private readonly servers = new Set<Server>()
  private closing: Promise<void> | undefined

  constructor(
    readonly name: string,
    private readonly options: ResolvedHttpOptions,
    private readonly wires: Wires,
  ) {
    const { headerTimeoutMs, idleTimeoutMs, lingerMs, windowMessages, windowBytes, clock } = options
    this.eventSource = new EventSource(name, clock)
    this.events = this.eventSource.events
    this.window = { messages: windowMessages, bytes: windowBytes }
    const { dialTimeoutMs } = options
    const fault = (error: ServiceError) => this.eventSource.fault(error)
    this.muxEnds = new MuxEnds({ limits: fastLaneLimits(options), clock, dialTimeoutMs, lingerMs, fault })
    this.refusals = new RefusedUpgrades(clock)
    if (wires.accepts.length > 0) this.offers = wires.accepts.join(',')
    this.acceptsWebSockets = wires.accepts.includes(webSocketOffer)
    const shortest = Math.min(headerTimeoutMs, idleTimeoutMs, Math.max(lingerMs, 100))
    this.sweep = new Sweep(clock.scheduler, Math.min(longestSweepMs, Math.max(5, shortest / 4)))
  }

  callsPerLinkTo(offers: string): number {
    return sharedWires(this.wires.dials, offers).length > 0 ? this.options.maxStreams : this.callsPerLink
  }

  dial(address: string, offers?: string): Observable<Link> {
    return defer(() => {
      const refused = (wire: string) => this.refusals.has(`${wire} ${address}`)
      return this.dialFirst(
        address,
        sharedWires(this.wires.dials, offers).filter(wire => !refused(wire)),
      )
    })
  }

  listen(address: string): Observable<ListenEvent> {
    return this.acceptsWebSockets
      ? defer(() => this.loadWebSockets()).pipe(switchMap(webSockets => this.bind(address, webSockets)))
      : this.bind(address, undefined)
  }

  private bind(address: string, webSockets: WebSockets | undefined): Observable<ListenEvent> {
    return new Observable(subscriber => {
      if (this.closing !== undefined) return subscriber.error(this.closedError(`listen at ${address}`))
      const silent = new Set<Accepted>()
      const reception = this.reception(subscriber, webSockets)
      const server = startListener(address, this.options, this.listenerEvents(subscriber, silent, reception))
      this.servers.add(server)
      this.listeners.add(subscriber)
      server.once('close', () => this.servers.delete(server))
      return () => {
        this.listeners.delete(subscriber)
        server.close()
        for (const accepted of silent) accepted.closeIfSilent()
      }
    })
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  private async shutDown(): Promise<void> {
    await Promise.resolve() // no one is called back within close()
    const error = new ServiceError('unavailable', `the ${this.name} transport was closed`)
    const unbound = [...this.servers].map(server => new Promise(done => server.once('close', done)))
    for (const listener of [...this.listeners]) listener.complete()
    for (const each of [...this.live]) each.abort(error)
    this.sockets.destroyAll()
    await Promise.all([...unbound, this.sockets.emptied()])
    this.eventSource.complete()
  }

  private dialPlain(address: string): Observable<Link> {
    return this.connect(address).pipe(map(dialled => this.link(address, dialled)))
  }

  /** Asks for the first of these wires; where something on the way refuses it, for the next one, and at last for none. */
  private dialFirst(address: string, [wire, ...others]: readonly string[]): Observable<Link> {
    if (wire === undefined) return this.dialPlain(address)
    return this.connect(address).pipe(
      tap(({ raw, socket }) => this.sockets.follow(raw, socket)),
      switchMap(({ socket }) =>
        wire === webSocketOffer ? this.askWebSocket(socket, address) : this.askFastLane(socket, address),
      ),
      switchMap(answer => {
        if ('pipe' in answer) return this.muxEnds.link(answer.pipe, address)
        this.refusals.add(`${wire} ${address}`)
        const instead = others[0] ?? 'HTTP'
        this.eventSource.notice(
          `${address} offers the fast lane (${wire}), but answered '${answer.refused}': ${instead} is used`,
        )
        return of(undefined)
      }),
      switchMap(link => {
        if (link === undefined) return this.dialFirst(address, others)
        this.keep(link, link.closed)
        return of(link)
      }),
    )
  }

  private askFastLane(socket: Socket, address: string): Observable<Answer> {
    return askUpgrade(socket, address, this.options).pipe(
      map(answer => ('rest' in answer ? { pipe: new SocketPipe(socket, address, answer.rest) } : answer)),
    )
  }

  private askWebSocket(socket: Socket, address: string): Observable<Answer> {
    return from(this.loadWebSockets()).pipe(
      switchMap(webSockets => webSockets.dial(socket, address, this.options)),
    )
  }

  private loadWebSockets(): Promise<WebSockets> {
    this.webSockets ??= WebSockets.load()
    return this.webSockets
  }

  private connect(address: string): Observable<Dialled> {
    return defer(() => {
      if (this.closing !== undefined) throw this.closedError(`dial ${address}`)
      return dialSocket(address, this.options, (raw: Socket) => this.sockets.add(raw))
    })
  }

  private link(address: string, { socket, raw }: Dialled): Link {
    this.sockets.follow(raw, socket)
    const writer = new HeadWriter()
    const link = new HttpLink(address, {
      head: message => writer.request(address, this.options.userAgent, message),
      window: this.window,
      fault: error => this.eventSource.fault(error),
    })
    const parser = createResponseParser(this.options)
    link.attach(new HttpConnection({ socket, raw, parser, peer: address, handler: link }))
    this.keep(link, link.closed)
    return link
  }

  private listenerEvents(
    subscriber: Subscriber<ListenEvent>,
    silent: Set<Accepted>,
    reception: Reception,
  ): ListenerEvents {
    return {
      listening: address => {
        if (subscriber.closed) return false
        this.eventSource.listening(address)
        subscriber.next({ kind: 'listening', address })
        return true
      },
      failed: error => subscriber.error(error),
      fault: error => this.eventSource.fault(error),
      connected: raw => this.sockets.add(raw),
      accepted: (socket, raw) => {
        if (subscriber.closed) socket.destroy()
        else this.accept(socket, raw, silent, reception)
      },
    }
  }

  private accept(socket: Socket, raw: Socket, silent: Set<Accepted>, reception: Reception): void {
    this.sockets.follow(raw, socket)
    const accepted = new Accepted(reception, this.options, this.sweep.periodMs, this.acceptsWebSockets)
    const parser = createRequestParser(this.options, admission(this.options, this.acceptsWebSockets))
    accepted.attach(new HttpConnection({ socket, raw, parser, peer: peerOf(socket), handler: accepted }))
    silent.add(accepted)
    this.sweep.add(accepted)
    socket.once('close', () => {
      silent.delete(accepted)
      this.sweep.delete(accepted)
    })
  }

  private reception(subscriber: Subscriber<ListenEvent>, webSockets: WebSockets | undefined): Reception {
    const fault = (error: ServiceError) => this.eventSource.fault(error)
    return {
      channel: channel => {
        this.keep(channel, channel.closed)
        subscriber.next({ kind: 'channel', channel })
      },
      upgrade: (token, socket, request, rest) => this.options.upgrades[token]?.(socket, request, rest),
      fastLane: (socket, rest) => {
        const peer = peerOf(socket)
        socket.write(switching)
        this.shared(subscriber, new SocketPipe(socket, peer, rest), peer)
      },
      webSocket: (socket, request, rest) => {
        const peer = peerOf(socket)
        webSockets?.accept(socket, peer, request, rest, pipe =>
          this.shared(subscriber, pipe, peer, request.headers['Origin']),
        )
      },
      fault,
    }
  }

  /** Takes a connection that carries a multiplexer. */
  private shared(subscriber: Subscriber<ListenEvent>, pipe: Pipe, peer: string, origin?: string): void {
    const channel = (channel: Channel) => {
      if (!subscriber.closed) subscriber.next({ kind: 'channel', channel, connection })
      else channel.abort(new ServiceError('unavailable', 'the listener was closed'))
    }
    const fault = (error: ServiceError) => this.eventSource.fault(error)
    const connection = new MuxPeer(peer, this.muxEnds.window, { channel, fault }, origin)
    this.muxEnds.accept(pipe, connection)
    this.keep(connection, connection.closed)
    subscriber.next({ kind: 'connection', connection })
  }

  private keep(abortable: Abortable, closed: Observable<never>): void {
    const forget = () => this.live.delete(abortable)
    this.live.add(abortable)
    closed.subscribe({ error: forget, complete: forget })
  }

  private closedError(what: string): ServiceError {
    return new ServiceError('unavailable', `${what}: the ${this.name} transport is closed`)
  }
}
