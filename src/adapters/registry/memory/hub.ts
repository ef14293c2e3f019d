import { Observable, Subject, type Subscription } from 'rxjs'
import {
  NodeTable,
  ServiceError,
  type Clock,
  type RegistryEvent,
  type ServiceRecord,
} from '../../../streams/index.js'

interface Lease {
  readonly owner: object
  readonly service: string
  readonly id: string
  readonly expiry: Subscription | undefined
}

/** What memory registries meet in: one hub is one network. */
export class RegistryHub {
  private readonly table = new NodeTable()
  private readonly leases = new Map<string, Lease>()
  private readonly news = new Subject<RegistryEvent>()
  private readonly losses = new Subject<ServiceError>()
  private lost: ServiceError | undefined
  private watching = 0

  /** Hot. Every change, as it happens. */
  readonly changes: Observable<RegistryEvent> = new Observable(watcher => {
    this.watching += 1
    watcher.add(() => (this.watching -= 1))
    return this.news.subscribe(watcher)
  })
  /** Hot. Each loss of the hub by {@link disconnect}. */
  readonly disconnected: Observable<ServiceError> = this.losses.asObservable()

  /** How many watches run now. */
  get watchers(): number {
    return this.watching
  }

  /** As if the backend was lost: running watches and all operations fail with `unavailable` until {@link reconnect}. */
  disconnect(): void {
    this.lost = new ServiceError('unavailable', 'memory registry: the hub is disconnected; call reconnect()')
    this.losses.next(this.lost)
  }

  /** Ends a {@link disconnect}. What was registered is still there, unless its time ran out. */
  reconnect(): void {
    this.lost = undefined
  }

  /** Throws while the hub is disconnected. */
  check(): void {
    if (this.lost !== undefined) throw this.lost
  }

  /** Puts nodes in, or refreshes them. A TTL counts from now, and replaces the one that a node had. */
  put(owner: object, service: ServiceRecord, clock: Clock, ttlMs: number | undefined): void {
    for (const { id } of service.nodes) {
      const key = keyOf(service.name, id)
      this.leases.get(key)?.expiry?.unsubscribe()
      const expire = () => this.remove(service.name, [id])
      const expiry = ttlMs === undefined ? undefined : clock.scheduler.schedule(expire, ttlMs)
      this.leases.set(key, { owner, service: service.name, id, expiry })
    }
    this.tell(this.table.put(structuredClone(service)))
  }

  /** Takes nodes out; unknown ones are no error. */
  remove(service: string, ids: readonly string[]): void {
    for (const id of ids) {
      this.leases.get(keyOf(service, id))?.expiry?.unsubscribe()
      this.leases.delete(keyOf(service, id))
    }
    this.tell(this.table.remove(service, ids))
  }

  /** Takes out everything that `owner` put in. */
  removeOwned(owner: object): void {
    for (const lease of [...this.leases.values()]) {
      if (lease.owner === owner) this.remove(lease.service, [lease.id])
    }
  }

  /** One record for each version of a service. */
  lookup(name: string): readonly ServiceRecord[] {
    return this.table.lookup(name)
  }

  /** The names of all services, sorted. */
  list(): readonly string[] {
    return this.table.names()
  }

  /** Everything, or everything of one service. */
  all(name: string | undefined): readonly ServiceRecord[] {
    return this.table.all(name)
  }

  private tell(changes: readonly RegistryEvent[]): void {
    for (const change of changes) this.news.next(change)
  }
}

function keyOf(service: string, id: string): string {
  return JSON.stringify([service, id])
}
