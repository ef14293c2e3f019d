import type { Server, Socket } from 'node:net'
import { Observable, defer, map, of, switchMap, tap, type Subscriber } from 'rxjs'
import {
  ServiceError,
  type Link,
  type ListenEvent,
  type SendLimits,
  type Transport,
} from '../../../streams/index.js'
import { HeadWriter, createRequestParser, createResponseParser } from '../../../wire/http1.js'
import { EventSource } from '../../event-source.js'
import { Accepted, type Reception } from './accepted.js'
import { askUpgrade } from './ask-upgrade.js'
import { HttpConnection } from './connection.js'
import { dialSocket, type Dialled } from './dial.js'
import { fastLaneOffer, offersFastLane } from './fast-lane.js'
import { HttpLink } from './link.js'
import { MuxEnds } from './mux-ends.js'
import { OpenSockets } from './open-sockets.js'
import { peerOf, startListener, type ListenerEvents } from './listener.js'
import type { ResolvedHttpOptions } from './options.js'
import { Sweep } from './sweep.js'

/** Something that is ended when the transport is closed. */
interface Abortable {
  abort(error: ServiceError): void
}

/** How often connections are looked at: often enough for the shortest limit, and not more often than that. */
const longestSweepMs = 5000

/** The http transport; made by `http()`. */
export class HttpTransport implements Transport {
  readonly name = 'http'
  readonly callsPerLink = 1
  readonly offers?: string
  private readonly eventSource: EventSource
  readonly events

  private readonly sweep: Sweep
  private readonly window: SendLimits
  private readonly muxEnds: MuxEnds
  private readonly live = new Set<Abortable>()
  private readonly sockets = new OpenSockets()
  private readonly listeners = new Set<Subscriber<ListenEvent>>()
  private readonly servers = new Set<Server>()
  private closing: Promise<void> | undefined

  constructor(private readonly options: ResolvedHttpOptions) {
    const { headerTimeoutMs, idleTimeoutMs, lingerMs, windowMessages, windowBytes } = options
    this.eventSource = new EventSource('http', options.clock)
    this.events = this.eventSource.events
    this.window = { messages: windowMessages, bytes: windowBytes }
    this.muxEnds = new MuxEnds(options, error => this.eventSource.fault(error))
    if (options.fastLane) this.offers = fastLaneOffer
    const shortest = Math.min(headerTimeoutMs, idleTimeoutMs, Math.max(lingerMs, 100))
    this.sweep = new Sweep(options.clock.scheduler, Math.min(longestSweepMs, Math.max(5, shortest / 4)))
  }

  callsPerLinkTo(offers: string): number {
    return this.options.fastLane && offersFastLane(offers) ? this.options.maxStreams : this.callsPerLink
  }

  dial(address: string, offers?: string): Observable<Link> {
    return defer(() => {
      const fast = this.options.fastLane && offersFastLane(offers) && !this.muxEnds.hasRefused(address)
      return fast ? this.dialFast(address) : this.dialPlain(address)
    })
  }

  listen(address: string): Observable<ListenEvent> {
    return new Observable(subscriber => {
      if (this.closing !== undefined) return subscriber.error(this.closedError(`listen at ${address}`))
      const silent = new Set<Accepted>()
      const server = startListener(address, this.options, this.listenerEvents(subscriber, silent))
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
    const error = new ServiceError('unavailable', 'the http transport was closed')
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

  /** Asks for the fast lane; when something on the way refuses it, the plain wire is dialled. */
  private dialFast(address: string): Observable<Link> {
    return this.connect(address).pipe(
      tap(({ raw, socket }) => this.sockets.follow(raw, socket)),
      switchMap(({ socket }) =>
        askUpgrade(socket, address, this.options).pipe(
          switchMap(answer => {
            if ('rest' in answer) return this.muxEnds.link(socket, address, answer.rest)
            this.muxEnds.refused(address)
            this.eventSource.notice(
              `${address} offers the fast lane, but answered '${answer.refused}': HTTP is used`,
            )
            return of(undefined)
          }),
        ),
      ),
      switchMap(link => {
        if (link === undefined) return this.dialPlain(address)
        this.keep(link, link.closed)
        return of(link)
      }),
    )
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

  private listenerEvents(subscriber: Subscriber<ListenEvent>, silent: Set<Accepted>): ListenerEvents {
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
        else this.accept(socket, raw, silent, this.reception(subscriber))
      },
    }
  }

  private accept(socket: Socket, raw: Socket, silent: Set<Accepted>, reception: Reception): void {
    this.sockets.follow(raw, socket)
    const accepted = new Accepted(reception, this.options, this.sweep.periodMs)
    const parser = createRequestParser(this.options)
    accepted.attach(new HttpConnection({ socket, raw, parser, peer: peerOf(socket), handler: accepted }))
    silent.add(accepted)
    this.sweep.add(accepted)
    socket.once('close', () => {
      silent.delete(accepted)
      this.sweep.delete(accepted)
    })
  }

  private reception(subscriber: Subscriber<ListenEvent>): Reception {
    return {
      channel: channel => {
        this.keep(channel, channel.closed)
        subscriber.next({ kind: 'channel', channel })
      },
      upgrade: (token, socket, request, rest) => this.options.upgrades[token]?.(socket, request, rest),
      fastLane: (socket, rest) => {
        const connection = this.muxEnds.accept(socket, peerOf(socket), rest, {
          channel: channel => {
            if (!subscriber.closed) subscriber.next({ kind: 'channel', channel, connection })
            else channel.abort(new ServiceError('unavailable', 'the listener was closed'))
          },
          fault: error => this.eventSource.fault(error),
        })
        this.keep(connection, connection.closed)
        subscriber.next({ kind: 'connection', connection })
      },
      fault: error => this.eventSource.fault(error),
    }
  }

  private keep(abortable: Abortable, closed: Observable<never>): void {
    const forget = () => this.live.delete(abortable)
    this.live.add(abortable)
    closed.subscribe({ error: forget, complete: forget })
  }

  private closedError(what: string): ServiceError {
    return new ServiceError('unavailable', `${what}: the http transport is closed`)
  }
}
