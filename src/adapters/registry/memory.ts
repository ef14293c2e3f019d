import {
  Subject,
  asapScheduler,
  defer,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  startWith,
  subscribeOn,
  takeUntil,
} from 'rxjs'
import type { Observable } from 'rxjs'
import {
  ServiceError,
  checkService,
  given,
  resolveOptions,
  systemClock,
  type AdapterEvent,
  type Clock,
  type RegisterOptions,
  type Registry,
  type RegistryEvent,
  type ServiceRecord,
} from '../../streams/index.js'
import { RegistryHub } from './memory/hub.js'

export type { RegistryHub }

/** Options of {@link memory}. */
export interface MemoryRegistryOptions {
  /** Handles with the same hub see each other. @default a hub of its own */
  readonly hub?: RegistryHub
  /** Measures the time to live. @default the machine's clock */
  readonly clock?: Clock
}

/** Makes the place where memory registries meet. */
export function createRegistryHub(): RegistryHub {
  return new RegistryHub()
}

/**
 * A registry inside one process, and the reference for all others: it answers asynchronously (in a microtask), copies what it
 * is given, and takes its registrations out when it is closed.
 *
 * ```ts
 * const hub = createRegistryHub()
 * const [one, other] = [memory({ hub }), memory({ hub })]
 * ```
 */
export function memory(options?: MemoryRegistryOptions): Registry {
  const { hub, clock } = resolveOptions<Required<MemoryRegistryOptions>>('memory registry', options, {
    hub: given(options?.hub ?? createRegistryHub()),
    clock: given(systemClock),
  })
  return new MemoryRegistry(hub, clock)
}

class MemoryRegistry implements Registry {
  readonly name = 'memory'
  private readonly told = new Subject<AdapterEvent>()
  readonly events = this.told.asObservable()
  private readonly ending = new Subject<void>()
  private closing: Promise<void> | undefined

  constructor(
    private readonly hub: RegistryHub,
    private readonly clock: Clock,
  ) {}

  register(service: ServiceRecord, options?: RegisterOptions): Observable<never> {
    return this.ask(() => {
      checkService('memory registry', service, options)
      this.hub.put(this, service, this.clock, options?.ttlMs)
    }).pipe(ignoreElements())
  }

  deregister(service: ServiceRecord): Observable<never> {
    return this.ask(() =>
      this.hub.remove(
        service.name,
        service.nodes.map(({ id }) => id),
      ),
    ).pipe(ignoreElements())
  }

  lookup(name: string): Observable<readonly ServiceRecord[]> {
    return this.ask(() => this.hub.lookup(name))
  }

  list(): Observable<readonly string[]> {
    return this.ask(() => this.hub.list())
  }

  watch(name?: string): Observable<RegistryEvent> {
    const concerns = (event: RegistryEvent) =>
      name === undefined || event.kind === 'reset' || event.service.name === name
    return this.ask(() => this.hub.all(name)).pipe(
      map((services): RegistryEvent => ({ kind: 'reset', services })),
      mergeMap(reset => merge(this.hub.changes, this.lost()).pipe(startWith(reset))),
      filter(concerns),
      takeUntil(this.ending),
    )
  }

  close(): Promise<void> {
    this.closing ??= this.end()
    return this.closing
  }

  private async end(): Promise<void> {
    await Promise.resolve() // a watcher may close from inside an event, and must not meet the next one inside it
    this.ending.next()
    this.ending.complete()
    this.hub.removeOwned(this)
    this.told.complete()
  }

  private ask<T>(answer: () => T): Observable<T> {
    const checked = () => {
      if (this.closing !== undefined) throw new ServiceError('unavailable', 'memory registry: it is closed')
      this.hub.check()
      return of(answer())
    }
    return defer(checked).pipe(subscribeOn(asapScheduler))
  }

  private lost(): Observable<never> {
    return this.hub.disconnected.pipe(
      map((error): never => {
        throw error
      }),
    )
  }
}
