import { Observable } from 'rxjs'
import type { ServiceNode } from '../streams/registry.js'
import type { Selector } from '../streams/selector.js'

/** The selector of a page: every service is reached through the one that it is connected to. */
export function oneNode(url: string): Selector {
  const node: ServiceNode = {
    id: url,
    address: url,
    metadata: {},
    service: url,
    version: '',
    endpoints: [],
  }
  return {
    name: 'one node',
    pick: () => node,
    select: () => once(node),
    candidates: () => once([node]),
    report: () => undefined,
    reset: () => undefined,
    close: () => Promise.resolve(),
  }
}

function once<T>(value: T): Observable<T> {
  return new Observable(subscriber => {
    subscriber.next(value)
    subscriber.complete()
  })
}
