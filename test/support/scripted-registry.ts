import { NEVER, Observable, Subject } from 'rxjs'
import {
  ServiceError,
  type NodeRecord,
  type Registry,
  type RegistryEvent,
  type ServiceRecord,
} from 'headrace/streams'

/** A registry whose watches say what the test tells them to, synchronously; it counts them. */
export class ScriptedRegistry {
  /** Watches that were ever opened, and those that are open now. */
  opened = 0
  open = 0
  private readonly watches = new Set<Subject<RegistryEvent>>()

  /** `first` is what each watch begins with; `undefined` waits for {@link tell}. */
  constructor(public first: RegistryEvent | ServiceError | undefined) {}

  get registry(): Registry {
    const unused = (): never => {
      throw new Error('the cache only watches')
    }
    return {
      name: 'scripted',
      events: NEVER,
      register: unused,
      deregister: unused,
      lookup: unused,
      list: unused,
      watch: () => this.watch(),
      close: async () => undefined,
    }
  }

  tell(event: RegistryEvent): void {
    for (const watch of [...this.watches]) watch.next(event)
  }

  lose(): void {
    for (const watch of [...this.watches]) watch.error(new ServiceError('unavailable', 'agent lost'))
  }

  end(): void {
    for (const watch of [...this.watches]) watch.complete()
  }

  private watch(): Observable<RegistryEvent> {
    return new Observable(subscriber => {
      this.opened += 1
      this.open += 1
      subscriber.add(() => (this.open -= 1))
      if (this.first instanceof ServiceError) {
        subscriber.error(this.first)
        return
      }
      const events = new Subject<RegistryEvent>()
      this.watches.add(events)
      subscriber.add(() => this.watches.delete(events))
      subscriber.add(events.subscribe(subscriber))
      if (this.first !== undefined) subscriber.next(this.first)
    })
  }
}

/** A record of the service `greeter` with nodes of these ids. */
export function greeter(ids: readonly string[], overrides: Partial<ServiceRecord> = {}): ServiceRecord {
  const nodes: readonly NodeRecord[] = ids.map(id => ({
    id,
    address: `127.0.0.1:${1_000 + id.length}`,
    metadata: {},
  }))
  return { name: 'greeter', version: '1.0', metadata: {}, endpoints: [], nodes, ...overrides }
}

/** The event that a watch begins with. */
export function reset(...ids: readonly string[]): RegistryEvent {
  return { kind: 'reset', services: ids.length === 0 ? [] : [greeter(ids)] }
}
