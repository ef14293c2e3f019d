import { Observable, Subject, type Subscriber } from 'rxjs'
import {
  ServiceError,
  type AdapterEvent,
  type Link,
  type ListenEvent,
  type SendLimits,
  type Transport,
} from '../../../streams/index.js'
import type { Later } from './batch.js'
import { createChannelPair, type MemoryChannel } from './channel.js'
import { MemoryConnection } from './connection.js'
import type { HubListener, TransportHub } from './hub.js'
import { MultiLink } from './multi-link.js'
import { SingleLink } from './single-link.js'

/** The memory transport; made by `memory()`. */
export class MemoryTransport implements Transport {
  readonly name = 'memory'
  private readonly eventSource = new Subject<AdapterEvent>()
  readonly events = this.eventSource.asObservable()

  private readonly later = createLater()
  private readonly channels = new Set<MemoryChannel>()
  private readonly connections = new Set<MemoryConnection>()
  private readonly links = new Set<Link>()
  private readonly listeners = new Set<Subscriber<ListenEvent>>()
  private closing: Promise<void> | undefined

  constructor(
    private readonly hub: TransportHub,
    readonly callsPerLink: number,
    private readonly window: SendLimits,
  ) {}

  dial(address: string): Observable<Link> {
    return new Observable(subscriber => {
      this.later(() => {
        if (subscriber.closed) return
        try {
          subscriber.next(this.connect(address))
          subscriber.complete()
        } catch (error) {
          subscriber.error(ServiceError.from(error))
        }
      })
    })
  }

  listen(address: string): Observable<ListenEvent> {
    return new Observable(subscriber => {
      if (this.closing !== undefined) return subscriber.error(closedError('listen', address))
      let bound: string | undefined
      this.listeners.add(subscriber)
      this.later(() => {
        if (subscriber.closed) return
        try {
          bound = this.hub.bind(address, this.listenerFor(subscriber))
          this.eventSource.next({ kind: 'listening', adapter: this.name, address: bound })
          subscriber.next({ kind: 'listening', address: bound })
        } catch (error) {
          subscriber.error(ServiceError.from(error))
        }
      })
      return () => {
        this.listeners.delete(subscriber)
        if (bound !== undefined) this.hub.release(bound)
      }
    })
  }

  close(): Promise<void> {
    this.closing ??= Promise.resolve().then(() => {
      const error = new ServiceError('unavailable', 'the memory transport was closed')
      for (const listener of [...this.listeners]) listener.complete()
      for (const link of [...this.links]) link.abort(error)
      for (const channel of [...this.channels]) channel.abort(error)
      for (const connection of [...this.connections]) connection.abort(error)
      this.eventSource.complete()
    })
    return this.closing
  }

  private connect(address: string): Link {
    if (this.closing !== undefined) throw closedError('dial', address)
    const listener = this.hub.find(address)
    const peers = { client: this.hub.nextClient(), server: address }
    const pair = () => createChannelPair(this.later, this.window, peers)
    const open = (connection?: MemoryConnection) => {
      const { client, server } = pair()
      this.later(() => listener.accept(server, connection))
      return client
    }
    const link = this.callsPerLink === 1 ? new SingleLink(open()) : this.shared(pair(), listener, open)
    this.links.add(link)
    link.closed.subscribe({ error: () => this.links.delete(link), complete: () => this.links.delete(link) })
    return link
  }

  private shared(
    { client: control, server }: ReturnType<typeof createChannelPair>,
    listener: HubListener,
    open: (connection: MemoryConnection) => MemoryChannel,
  ): MultiLink {
    const connection = new MemoryConnection(server, () => this.later(() => link.retire()))
    const link: MultiLink = new MultiLink({
      control,
      places: this.callsPerLink,
      connect: () => open(connection),
      serve: () => connection.serve,
      client: server.peer,
      later: this.later,
    })
    this.later(() => listener.connected(connection))
    return link
  }

  private listenerFor(subscriber: Subscriber<ListenEvent>): HubListener {
    return {
      accept: (channel, connection) => {
        if (subscriber.closed) {
          return channel.abort(new ServiceError('unavailable', 'the listener was closed'))
        }
        const forget = () => this.channels.delete(channel)
        this.channels.add(channel)
        channel.closed.subscribe({ error: forget, complete: forget })
        subscriber.next({ kind: 'channel', channel, ...(connection && { connection }) })
      },
      connected: connection => {
        if (subscriber.closed) return
        const forget = () => this.connections.delete(connection)
        this.connections.add(connection)
        connection.closed.subscribe({ error: forget, complete: forget })
        subscriber.next({ kind: 'connection', connection })
      },
    }
  }
}

const turnsBeforeYield = 64

/** Microtasks, but every few turns the event loop: two ends that answer each other must not stop all else. */
function createLater(): Later {
  let turns = 0
  return task => {
    turns += 1
    if (turns % turnsBeforeYield === 0) setImmediate(task)
    else queueMicrotask(task)
  }
}

function closedError(what: string, address: string): ServiceError {
  return new ServiceError('unavailable', `${what} ${address}: the memory transport is closed`)
}
