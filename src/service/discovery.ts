import {
  catchError,
  combineLatest,
  connect,
  defer,
  distinctUntilChanged,
  endWith,
  from,
  ignoreElements,
  isObservable,
  map,
  NEVER,
  of,
  startWith,
  switchMap,
  takeUntil,
  type Observable,
} from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import type { ServiceNode } from '../streams/registry.js'
import type { Filter, LiveFilter } from '../streams/selector.js'
import { eventOf, type ServiceEvent } from './events.js'
import type { LazyParts } from './lazy-parts.js'

type Nodes = readonly ServiceNode[]

/** The nodes of a service that pass the filter, as they come and go: {@link Service.discover}. */
export function discover(
  lazy: LazyParts,
  name: string,
  filter: Filter | LiveFilter | undefined,
  tell: (event: ServiceEvent) => void,
): Observable<Nodes> {
  const nodes = defer(() => from(lazy.parts())).pipe(
    switchMap(({ cache }) => cache.snapshots(name)),
    map(snapshot => snapshot.nodes),
    distinctUntilChanged(),
  )
  if (filter === undefined) return nodes
  const failed = (reason: unknown): Observable<never> => {
    const error = ServiceError.from(reason)
    tell(eventOf(`discovery of ${name}`, { kind: 'a live filter failed', error }))
    return NEVER
  }
  const filters = isObservable(filter)
    ? filter.pipe(startWith(everyNode), catchError(failed))
    : of<Filter>(filter)
  return nodes.pipe(
    // The list ends the result, whatever the filter does.
    connect(lists =>
      combineLatest([lists, filters.pipe(takeUntil(lists.pipe(ignoreElements(), endWith(undefined))))]),
    ),
    map(([list, passes]) => list.filter(passes)),
    distinctUntilChanged(sameNodes),
  )
}

const everyNode: Filter = () => true

function sameNodes(before: Nodes, after: Nodes): boolean {
  return before.length === after.length && before.every((node, place) => sameNode(node, after[place]))
}

// Each snapshot makes its nodes anew, but out of the same parts where nothing changed.
function sameNode(before: ServiceNode, after: ServiceNode | undefined): boolean {
  return (
    before.id === after?.id &&
    before.address === after.address &&
    before.version === after.version &&
    before.metadata === after.metadata &&
    before.endpoints === after.endpoints
  )
}
