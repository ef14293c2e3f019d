import {
  Subject,
  concat,
  defer,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  reduce,
  takeUntil,
  tap,
} from 'rxjs'
import type { Observable } from 'rxjs'
import {
  ServiceError,
  type RegisterOptions,
  type Registry,
  type RegistryEvent,
  type ServiceRecord,
} from '../../../streams/index.js'
import type { DnsMessage } from '../../../wire/mdns/dns-message.js'
import { writeDnsMessage } from '../../../wire/mdns/dns-writer.js'
import { readServiceNames } from '../../../wire/mdns/heard-nodes.js'
import { NodeCache } from '../../../wire/mdns/node-cache.js'
import { instanceName, listService, serviceQuery } from '../../../wire/mdns/node-packets.js'
import type { Compression } from '../../../wire/compression.js'
import { EventSource } from '../../event-source.js'
import { answerTime } from './answer-time.js'
import { openGroupSocket } from './group-socket.js'
import { NodeReader } from './known-nodes.js'
import { openMedium, type Medium } from './medium.js'
import { multicastPaths } from './multicast-path.js'
import type { MdnsOptions } from './options.js'
import { publishedNodes } from './published-nodes.js'
import { Publisher } from './publisher.js'
import { openQuerySocket } from './query-socket.js'
import type { SocketOptions } from './socket.js'
import { watchNodes } from './watch.js'
import { zlibCompression } from '../../zlib-compression.js'

/** The mDNS registry: what is registered here is in the publisher, what others registered is in each watch. */
export class MdnsRegistry implements Registry {
  readonly name = 'mdns'
  readonly events
  private readonly source: EventSource
  private readonly group: Observable<Medium>
  private readonly queries: Observable<Medium>
  private readonly compression: Compression
  private readonly reader: NodeReader
  private readonly publisher: Publisher
  private readonly ending = new Subject<void>()
  private readonly closingSockets = new Set<Promise<void>>()
  private closing: Promise<void> | undefined

  constructor(private readonly options: Required<MdnsOptions>) {
    const { clock, domains, port, maxPacketBytes, maxTextBytes } = options
    this.source = new EventSource('mdns', clock)
    this.events = this.source.events
    const sockets: SocketOptions = { port, maxPacketBytes, onFault: this.onFault, onClosing: this.onClosing }
    const paths = () => multicastPaths(options.interface === '' ? undefined : options.interface)
    this.group = openMedium(paths, path => openGroupSocket(path, sockets, clock), this.onFault)
    this.queries = openMedium(paths, path => openQuerySocket(path, sockets), this.onFault)
    this.compression = zlibCompression('mdns', maxTextBytes)
    this.reader = new NodeReader(domains, this.compression, this.onFault)
    this.publisher = new Publisher({
      group: this.group,
      domains,
      maxPacketBytes,
      clock,
      onFault: this.onFault,
    })
  }

  register(service: ServiceRecord, options?: RegisterOptions): Observable<never> {
    return this.whileOpen(() => {
      const { domains, host } = this.options
      const { compression } = this
      const [domain = '', ...others] = domains
      const nodes = publishedNodes(service, options, { domain, host, compression })
      const elsewhere = others.flatMap(other => nodes.map(node => ({ ...node, domain: other })))
      return this.publisher.publish([...nodes, ...elsewhere], options?.ttlMs)
    })
  }

  deregister(service: ServiceRecord): Observable<never> {
    const instances = this.options.domains.flatMap(domain =>
      service.nodes.map(({ id }) => instanceName({ id, service: service.name, domain })),
    )
    return this.whileOpen(() => this.publisher.withdraw(instances))
  }

  lookup(name: string): Observable<readonly ServiceRecord[]> {
    return this.whileOpen(() => {
      const cache = new NodeCache(this.options, this.options.clock.random)
      const collected = this.ask(name).pipe(
        tap(message => this.collect(cache, name, message)),
        ignoreElements(),
      )
      return concat(
        collected,
        defer(() => of(cache.snapshot())),
      )
    })
  }

  list(): Observable<readonly string[]> {
    const { domains, maxNodes } = this.options
    const namesIn = (message: DnsMessage) => domains.flatMap(domain => readServiceNames(message, domain))
    const collect = (names: readonly string[], message: DnsMessage) =>
      [...new Set([...names, ...namesIn(message)])].slice(0, maxNodes)
    return this.whileOpen(() => this.ask(listService).pipe(reduce(collect, []))).pipe(
      map(names => [...names].sort()),
    )
  }

  watch(name?: string): Observable<RegistryEvent> {
    const { group, queries, reader, onFault } = this
    const { domains, queryMs, absentMs, clock } = this.options
    return defer(() => {
      if (this.closing !== undefined) throw closed()
      const limits = this.options
      return watchNodes({ group, queries, reader, domains, queryMs, absentMs, limits, clock, onFault }, name)
    }).pipe(takeUntil(this.ending))
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    await Promise.resolve() // a watcher may close from inside an event
    this.ending.next()
    await this.publisher.close()
    this.source.complete()
    await Promise.all(this.closingSockets)
  }

  /** Asks everybody, and gives the messages that come within the time for answers. */
  private ask(service: string): Observable<DnsMessage> {
    const { domains, queryMs, clock } = this.options
    const queries = domains.map(domain => {
      const id = Math.floor(clock.random() * 0x1_0000)
      return writeDnsMessage(serviceQuery(service, domain, id), { compress: false })
    })
    const answers = (medium: Medium) => {
      const heard = medium.packets.pipe(map(packet => packet.message))
      const asked = queries.map(query => medium.multicast(query))
      return merge(heard, ...asked).pipe(takeUntil(answerTime(queryMs, clock)))
    }
    const finished = new Subject<void>()
    return this.queries.pipe(
      mergeMap(medium => answers(medium).pipe(tap({ complete: () => finished.next() }))),
      takeUntil(finished),
    )
  }

  private collect(cache: NodeCache, name: string, message: DnsMessage): void {
    for (const node of this.reader.read(message).known) {
      if (node.record.name !== name) continue
      try {
        cache.hear(node, 0)
      } catch (cause) {
        this.onFault(ServiceError.from(cause))
      }
    }
  }

  private whileOpen<T>(operation: () => Observable<T>): Observable<T> {
    const interrupted = this.ending.pipe(
      map((): never => {
        throw closed()
      }),
    )
    return defer(() => {
      if (this.closing !== undefined) throw closed()
      return operation()
    }).pipe(takeUntil(interrupted))
  }

  private readonly onFault = (error: ServiceError): void => this.source.fault(error)

  private readonly onClosing = (socketClosed: Promise<void>): void => {
    this.closingSockets.add(socketClosed)
    void socketClosed.then(() => this.closingSockets.delete(socketClosed))
  }
}

function closed(): ServiceError {
  return new ServiceError('unavailable', 'mdns registry: it is closed')
}
