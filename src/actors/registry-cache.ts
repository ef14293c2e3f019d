import {
  Subject,
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  map,
  throwError,
  type Observable,
} from 'rxjs'
import { systemClock, type Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import { count, given, milliseconds, resolveOptions, type OptionRules } from '../streams/options.js'
import type { Registry, ServiceNode } from '../streams/registry.js'
import type { Snapshot } from '../streams/snapshot.js'
import { spawn } from './actor.js'
import type { ActorEvent } from './actor-event.js'
import type { Actor } from './behavior.js'
import { cachedService, type CachedMessage, type CachedState, type CacheEvent } from './cached-service.js'
import { IdleTable } from './idle-table.js'

/** Options of {@link createRegistryCache}. */
export interface RegistryCacheOptions {
  /** Where names are watched. The cache does not close it. */
  readonly registry: Registry
  /** @default the machine's clock */
  readonly clock?: Clock
  /** How long the last snapshot is served while the registry is out of reach, in milliseconds. @default 60000 */
  readonly staleForMs?: number
  /** How long a service stays watched after its last use, in milliseconds; at most an eighth longer. @default 60000 */
  readonly idleMs?: number
  /** How many services may be watched at the same time. @default 10000 */
  readonly maxServices?: number
  /** The upper bound of the wait before the first new watch, in milliseconds; it doubles with each that fails. @default 100 */
  readonly retryBaseMs?: number
  /** The upper bound of any such wait, in milliseconds. @default 5000 */
  readonly retryMaxMs?: number
  /** Hears what nobody waits for. Must not throw. @default nobody hears */
  readonly report?: (event: CacheEvent | ActorEvent) => void
}

/** The present nodes of the services that are used: one watch for each name, however many ask. */
export interface RegistryCache {
  /** The word by which its registry is known, for messages. */
  readonly registry: string

  /**
   * The latest snapshot, synchronously: the hot path. `undefined` before the first and while the registry is out of reach for too long. Asking for a
   * service that is not watched starts its watch.
   */
  current(service: string): Snapshot | undefined

  /**
   * Follows one service. Hot: emits the latest snapshot at once when there is one, then each change. Completes when the cache is closed. Errors
   * `unavailable` when the registry is out of reach from the start, or for longer than `staleForMs`: subscribe again, the watch is set up again all
   * the while; `resource_exhausted` when too many services are watched. Unsubscribing lets the service be forgotten after `idleMs`. Emissions are
   * synchronous and nothing queues.
   */
  snapshots(service: string): Observable<Snapshot>

  /**
   * Hot: nodes that have left a service, or have moved to another address, as soon as that is known: idle connections to them can be closed. Completes when
   * the cache is closed, never errors. Emissions are synchronous and nothing queues.
   */
  readonly left: Observable<ServiceNode>

  /** Hot: the names of services whose watch has ended because nobody used it. Completes when the cache is closed, never errors. */
  readonly forgotten: Observable<string>

  /** Ends all watches. All calls share one promise. */
  close(): Promise<void>
}

/** Keeps the services that are used at hand. Throws `bad_request` for a wrong option. */
export function createRegistryCache(options: RegistryCacheOptions): RegistryCache {
  const rules: OptionRules<Required<RegistryCacheOptions>> = {
    registry: given(options.registry),
    clock: given(systemClock),
    staleForMs: milliseconds(60_000),
    idleMs: milliseconds(60_000, 1),
    maxServices: count(10_000),
    retryBaseMs: milliseconds(100),
    retryMaxMs: milliseconds(5_000),
    report: given<(event: CacheEvent | ActorEvent) => void>(() => undefined),
  }
  return new WatchingCache(resolveOptions<Required<RegistryCacheOptions>>('registry cache', options, rules))
}

interface Watched {
  readonly actor: Actor<CachedState, CachedMessage>
  snapshot: Snapshot | undefined
}

class WatchingCache implements RegistryCache {
  readonly registry: string
  private readonly watched: IdleTable<string, Watched>
  private readonly forgottenNames = new Subject<string>()
  readonly forgotten = this.forgottenNames.asObservable()
  private readonly leftNodes = new Subject<ServiceNode>()
  readonly left = this.leftNodes.asObservable()
  private closing: Promise<void> | undefined

  constructor(private readonly options: Required<RegistryCacheOptions>) {
    this.registry = options.registry.name
    this.watched = new IdleTable(options.clock, options.idleMs, ({ actor }, service) => {
      void actor.close()
      this.forgottenNames.next(service)
    })
  }

  current(service: string): Snapshot | undefined {
    return (this.watched.get(service) ?? this.open(service))?.snapshot
  }

  snapshots(service: string): Observable<Snapshot> {
    return defer(() => {
      const watched = this.watched.get(service) ?? this.open(service)
      if (watched === undefined) return throwError(() => this.refusal(service))
      const release = this.watched.hold(service)
      return watched.actor.state.pipe(map(known), filter(isThere), distinctUntilChanged(), finalize(release))
    })
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      this.closing = Promise.resolve()
      this.end()
    }
    return this.closing
  }

  private end(): void {
    this.watched.clear()
    this.forgottenNames.complete()
    this.leftNodes.complete()
  }

  private tellLeft(before: Snapshot, now: Snapshot): void {
    if (before.nodes === now.nodes) return
    const addresses = new Set(now.nodes.map(({ address }) => address))
    for (const node of before.nodes) if (!addresses.has(node.address)) this.leftNodes.next(node)
  }

  private open(service: string): Watched | undefined {
    if (this.refusal(service) !== undefined) return undefined
    const actor = spawn(cachedService({ ...this.options, service }), {
      name: `registry cache of ${service}`,
      clock: this.options.clock,
      report: this.options.report,
    })
    const watched: Watched = { actor, snapshot: undefined }
    this.watched.add(service, watched)
    actor.state.subscribe({
      next: ({ snapshot }) => {
        const before = watched.snapshot
        watched.snapshot = snapshot
        if (before !== undefined && snapshot !== undefined) this.tellLeft(before, snapshot)
      },
      error: () => this.watched.delete(service), // it was reported; the next use begins anew
    })
    return watched
  }

  private refusal(service: string): ServiceError | undefined {
    if (this.closing !== undefined)
      return new ServiceError('unavailable', `service ${service}: the registry cache was closed`)
    const { maxServices } = this.options
    if (this.watched.size < maxServices) return undefined
    return new ServiceError(
      'resource_exhausted',
      `service ${service}: ${maxServices} services are watched already; raise maxServices, or lower idleMs`,
    )
  }
}

function known({ snapshot, outage }: CachedState): Snapshot | undefined {
  if (outage !== undefined) throw outage
  return snapshot
}

function isThere(snapshot: Snapshot | undefined): snapshot is Snapshot {
  return snapshot !== undefined
}
