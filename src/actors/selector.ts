import {
  Observable,
  BehaviorSubject,
  ReplaySubject,
  combineLatest,
  distinctUntilChanged,
  map,
  switchMap,
  takeUntil,
  type Subscription,
} from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import { all } from '../streams/filter.js'
import type { ServiceNode } from '../streams/registry.js'
import type { Filter, LiveFilter, PickOptions, Selector } from '../streams/selector.js'
import type { Snapshot } from '../streams/snapshot.js'
import { resolveSelectorOptions, type SelectorOptions } from './selector-options.js'
import { resolveEjection } from './selector/ejection-options.js'
import { eligible } from './selector/eligible.js'
import { LiveFilters, passAll } from './selector/live-filters.js'
import { SnapshotWaiters } from './selector/snapshot-waiters.js'
import { TrackedService } from './selector/tracked-service.js'
import { View } from './selector/view.js'

/** Makes the selector that chooses over the snapshots of a registry cache. Throws `bad_request` for a wrong option. */
export function createSelector(options: SelectorOptions): Selector {
  return new CachingSelector(resolveSelectorOptions(options))
}

/** One service: the records of its nodes, and a view for each filter that is in use. */
interface Selected {
  readonly service: string
  readonly nodes: TrackedService
  readonly views: WeakMap<Filter | LiveFilter, View>
  /** The filter asked for last, and its view. */
  filter: Filter | LiveFilter | undefined
  view: View | undefined
  /** False when the cache has forgotten the service, and only reports are awaited. */
  watched: boolean
}

const noOptions: PickOptions = {}

class CachingSelector implements Selector {
  readonly name: string
  private readonly services = new Map<string, Selected>()
  /** The service asked for last. It is asked for again and again: comparing a name costs less than looking it up. */
  private latest: Selected | undefined
  private readonly live: LiveFilters
  private readonly waiters: SnapshotWaiters
  private readonly common: Filter | LiveFilter
  private readonly tracking
  private readonly suspects = new BehaviorSubject<ReadonlySet<string>>(new Set())
  private readonly following: Subscription
  private readonly closed = new ReplaySubject<void>(1)
  private closing: Promise<void> | undefined

  constructor(private readonly options: Required<SelectorOptions>) {
    const { name, cache, clock, idleMs, maxLiveFilters, latencyDecayMs, report } = options
    this.name = name
    this.live = new LiveFilters(clock, idleMs, maxLiveFilters, error =>
      report({ kind: 'filter-failed', error }),
    )
    this.waiters = new SnapshotWaiters(service => cache.snapshots(service))
    this.common = this.together(options.filters)
    this.tracking = { clock, latencyDecayMs, report, ejection: resolveEjection(options.ejection) }
    const forget = (service: string) => this.forget(service)
    // By contract neither has errors.
    this.following = cache.forgotten.subscribe({ next: forget, error: () => undefined })
    const suspect = (addresses: ReadonlySet<string>) => this.suspects.next(addresses)
    this.following.add(options.suspects.subscribe({ next: suspect, error: () => undefined }))
  }

  pick(service: string, options: PickOptions = noOptions): ServiceNode | undefined {
    if (this.closing !== undefined) return undefined
    const snapshot = this.options.cache.current(service)
    if (snapshot === undefined) return undefined
    const selected = this.selected(service)
    const record = this.view(selected, options.filter ?? passAll).choose(snapshot, options)
    if (record === undefined) return undefined
    selected.nodes.picked(record)
    return record.node
  }

  select(service: string, options?: PickOptions): Observable<ServiceNode> {
    return new Observable(subscriber => {
      const give = (node: ServiceNode) => {
        subscriber.next(node)
        subscriber.complete()
      }
      const node = this.pick(service, options)
      if (node !== undefined) return give(node)
      return this.waiters.wait(service, {
        known: snapshot => {
          try {
            give(this.pick(service, options) ?? this.nothingLeft(snapshot))
          } catch (reason) {
            subscriber.error(reason)
          }
        },
        fail: error => subscriber.error(error),
      })
    })
  }

  candidates(service: string, options?: Pick<PickOptions, 'filter'>): Observable<readonly ServiceNode[]> {
    const { cache } = this.options
    const own = options?.filter ?? passAll
    // The snapshots come last: by then every filter has said what it can say at once.
    return combineLatest([
      this.live.changes(this.common),
      this.live.changes(own),
      cache.snapshots(service),
    ]).pipe(
      switchMap(([common, wanted, { nodes }]) =>
        combineLatest({ ejected: this.selected(service).nodes.ejections, suspects: this.suspects }).pipe(
          map(absent => eligible(nodes, node => node, [common, wanted], absent)),
        ),
      ),
      distinctUntilChanged(sameNodes),
      takeUntil(this.closed),
    )
  }

  report({ service, id }: ServiceNode, latencyMs: number | undefined, error?: ServiceError): void {
    const selected = this.latest?.service === service ? this.latest : this.services.get(service)
    selected?.nodes.reported(id, latencyMs, error)
    if (selected?.watched === false) this.forget(service)
  }

  reset(service: string): void {
    this.services.get(service)?.nodes.reset()
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      this.closing = Promise.resolve()
      this.end()
    }
    return this.closing
  }

  private end(): void {
    this.closed.next()
    this.waiters.close()
    this.following.unsubscribe()
    this.live.close()
    for (const { nodes } of this.services.values()) nodes.close()
    this.services.clear()
    this.latest = undefined
  }

  private nothingLeft({ service, nodes }: Snapshot): never {
    const { registry } = this.options.cache
    const detail =
      nodes.length === 0
        ? `no node is known; is it running, and on this registry (${registry})?`
        : `${nodes.length} ${nodes.length === 1 ? 'node is' : 'nodes are'} known, but none passes the filter; ask for less, or start one that does`
    throw new ServiceError('not_found', `service ${service}: ${detail}`)
  }

  private selected(service: string): Selected {
    const selected = this.latest?.service === service ? this.latest : this.find(service)
    selected.watched = true
    return selected
  }

  private find(service: string): Selected {
    this.latest = this.services.get(service) ?? this.track(service)
    return this.latest
  }

  private track(service: string): Selected {
    const nodes = new TrackedService(service, this.tracking)
    const views = new WeakMap<Filter | LiveFilter, View>()
    const selected = { service, nodes, views, filter: undefined, view: undefined, watched: true }
    this.services.set(service, selected)
    return selected
  }

  private view(selected: Selected, filter: Filter | LiveFilter): View {
    if (selected.view !== undefined && selected.filter === filter) return selected.view
    selected.filter = filter
    selected.view = selected.views.get(filter) ?? this.open(selected, filter)
    return selected.view
  }

  private open({ nodes, views }: Selected, filter: Filter | LiveFilter): View {
    const { live } = this
    const { strategy, clock } = this.options
    const suspects = () => this.suspects.value
    const view = new View({ nodes, filters: [this.common, filter], live, suspects, strategy, clock })
    views.set(filter, view)
    return view
  }

  private forget(service: string): void {
    const selected = this.services.get(service)
    if (selected === undefined) return
    selected.watched = false
    if (!selected.nodes.forget()) return
    selected.nodes.close()
    this.services.delete(service)
    this.latest = undefined
  }

  /** The selector's own filters as one. */
  private together(filters: readonly (Filter | LiveFilter)[]): Filter | LiveFilter {
    const still = filters.filter(filter => typeof filter === 'function')
    if (still.length === filters.length) return filters.length === 0 ? passAll : all(...still)
    return combineLatest(filters.map(filter => this.live.changes(filter))).pipe(map(each => all(...each)))
  }
}

function sameNodes(before: readonly ServiceNode[], after: readonly ServiceNode[]): boolean {
  return before.length === after.length && before.every((node, place) => node === after[place])
}
