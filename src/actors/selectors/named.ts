import { NEVER, of, startWith, throwError, type Observable } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Registry, RegistryEvent, ServiceRecord } from '../../streams/registry.js'
import type { Selector } from '../../streams/selector.js'
import { createRegistryCache } from '../registry-cache.js'
import { createSelector } from '../selector.js'
import type { SelectorOptions } from '../selector-options.js'

/**
 * go-micro's named selector (PROTOCOL section 7): no registry; each service has one node, whose id and address are the service's name, so
 * that DNS or a proxy does the rest. The `cache` option is not used.
 */
export function named(options: Omit<SelectorOptions, 'cache'>): Selector {
  const { clock, idleMs } = options
  const cache = createRegistryCache({
    registry: new NameRegistry(),
    ...(clock === undefined ? {} : { clock }),
    ...(idleMs === undefined ? {} : { idleMs }),
  })
  const selector = createSelector({ name: 'named', ...options, cache })
  let closing: Promise<void> | undefined
  return {
    name: selector.name,
    pick: (service, pick) => selector.pick(service, pick),
    select: (service, pick) => selector.select(service, pick),
    candidates: (service, pick) => selector.candidates(service, pick),
    report: (node, latencyMs, error) => selector.report(node, latencyMs, error),
    reset: service => selector.reset(service),
    close: () => (closing ??= selector.close().then(() => cache.close())),
  }
}

/** Knows every name, because it is its own answer. */
class NameRegistry implements Registry {
  readonly name = 'named'
  readonly events = NEVER

  register(): Observable<never> {
    return throwError(() => new ServiceError('unimplemented', 'registry named: names are not registered'))
  }

  deregister(): Observable<never> {
    return this.register()
  }

  lookup(name: string): Observable<readonly ServiceRecord[]> {
    return of([itself(name)])
  }

  list(): Observable<readonly string[]> {
    return of([])
  }

  watch(name?: string): Observable<RegistryEvent> {
    const services = name === undefined ? [] : [itself(name)]
    return NEVER.pipe(startWith<RegistryEvent>({ kind: 'reset', services }))
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function itself(name: string): ServiceRecord {
  const node = { id: name, address: name, metadata: {} }
  return { name, version: '', metadata: {}, endpoints: [], nodes: [node] }
}
