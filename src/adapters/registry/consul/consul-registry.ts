import { Subject, defer, lastValueFrom, map, takeUntil, type Observable } from 'rxjs'
import {
  ServiceError,
  type RegisterOptions,
  type Registry,
  type RegistryEvent,
  type ServiceRecord,
} from '../../../streams/index.js'
import { readServiceNames } from '../../../wire/consul/agent-answers.js'
import { EventSource } from '../../event-source.js'
import { zlibCompression } from '../../zlib-compression.js'
import { Agents } from './agents.js'
import { gatherVersions } from './known-services.js'
import type { ResolvedConsulOptions } from './options.js'
import { Registrations } from './registrations.js'
import { healthyNodes, inDatacentre, watchAll, watchService, type WatchParts } from './watch.js'

/** The registry over Consul agents. What this handle has registered is in the registrations; each watch keeps what it has told. */
export class ConsulRegistry implements Registry {
  readonly name = 'consul'
  readonly events
  private readonly source: EventSource
  private readonly parts: WatchParts
  private readonly registrations: Registrations
  private readonly ending = new Subject<void>()
  private closing: Promise<void> | undefined

  constructor(private readonly options: ResolvedConsulOptions) {
    const { clock, maxTextBytes } = options
    this.source = new EventSource('consul', clock)
    this.events = this.source.events
    const compression = zlibCompression('consul', maxTextBytes)
    const onFault = (error: ServiceError) => this.source.fault(error)
    const agents = new Agents(options)
    this.parts = { agents, options, reader: { compression, onFault } }
    const onNotice = (text: string) => this.source.notice(text)
    this.registrations = new Registrations({ ...options, agents, compression, onNotice })
  }

  register(service: ServiceRecord, options?: RegisterOptions): Observable<never> {
    return this.whileOpen(() => this.registrations.register(service, options))
  }

  deregister(service: ServiceRecord): Observable<never> {
    return this.whileOpen(() => this.registrations.deregister(service))
  }

  lookup(name: string): Observable<readonly ServiceRecord[]> {
    const { maxNodes } = this.options
    return this.whileOpen(() => healthyNodes(this.parts, name)).pipe(
      map(nodes => gatherVersions(nodes, maxNodes)),
    )
  }

  list(): Observable<readonly string[]> {
    const { agents, options } = this.parts
    return this.whileOpen(() =>
      agents.ask('list the services', (client, call) =>
        client.catalog.service.list({ ...inDatacentre(options), ...call }),
      ),
    ).pipe(map(({ body }) => readServiceNames(body)))
  }

  watch(name?: string): Observable<RegistryEvent> {
    const following = defer(() => {
      if (this.closing !== undefined) throw closed()
      return name === undefined ? watchAll(this.parts) : watchService(this.parts, name)
    })
    return following.pipe(takeUntil(this.ending))
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    await Promise.resolve() // a watcher may close from inside an event
    this.ending.next()
    await lastValueFrom(this.registrations.removeAll(), { defaultValue: undefined })
    this.source.complete()
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
}

function closed(): ServiceError {
  return new ServiceError('unavailable', 'consul registry: it is closed')
}
