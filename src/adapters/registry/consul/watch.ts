import {
  EMPTY,
  concat,
  defer,
  exhaustMap,
  filter,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  reduce,
  repeat,
  tap,
  timer,
  type Observable,
} from 'rxjs'
import type { RegistryEvent, ServiceRecord } from '../../../streams/index.js'
import { readHealthyNodes, readServiceNames } from '../../../wire/consul/agent-answers.js'
import type { TagReader } from '../../../wire/consul/service-tags.js'
import type { Agents } from './agents.js'
import { followQuery } from './blocking-query.js'
import { KnownServices } from './known-services.js'
import type { ResolvedConsulOptions } from './options.js'
import type { Call } from './request.js'

/** What a watch works with. */
export interface WatchParts {
  readonly agents: Agents
  readonly options: ResolvedConsulOptions
  readonly reader: TagReader
}

/** The least time between two look-ups of everything, in milliseconds: a busy cluster changes all the time. */
const restMs = 100

/** No check has an empty id: the answer is an empty list, and waits for any change of a check all the same. */
const noCheck = 'CheckID == ""'

/** Follows one service with one blocking query, as the contract of a registry's `watch` says. */
export function watchService(
  { agents, options, reader }: WatchParts,
  name: string,
): Observable<RegistryEvent> {
  return defer(() => {
    const known = new KnownServices(options.maxNodes)
    return followQuery(agents, options, {
      what: `watch ${name}`,
      call: (client, call) => client.health.service({ service: name, ...inDatacentre(options), ...call }),
      read: ({ body }, gap) => known.replace(readHealthyNodes(body, name, reader), gap),
    })
  })
}

/**
 * Follows all services with two blocking queries, whatever their number: one wakes when a service comes or goes, one when a check changes. Then all
 * of them are looked up again, at most once at a time.
 */
export function watchAll({ agents, options, reader }: WatchParts): Observable<RegistryEvent> {
  return defer(() => {
    const known = new KnownServices(options.maxNodes)
    let names: readonly string[] | undefined
    let missed = false
    let stale = false
    const services = followQuery(agents, options, {
      what: 'watch the list of services',
      call: (client, call) => client.catalog.service.list({ ...inDatacentre(options), ...call }),
      read: ({ body }, gap) => [{ names: readServiceNames(body), gap }],
    }).pipe(
      tap(answer => {
        names = answer.names
        missed ||= answer.gap
      }),
    )
    const checks = followQuery(agents, options, {
      what: 'watch the checks',
      call: (client, call) =>
        client.health.state({ state: 'any', filter: noCheck, ...inDatacentre(options), ...call }),
      read: () => ['changed'],
    })
    const lookUpAll = defer(() => {
      const gap = missed
      missed = false
      stale = false
      return from(names ?? []).pipe(
        mergeMap(name => healthyNodes({ agents, options, reader }, name), options.concurrency),
        reduce((all, nodes) => all.concat(nodes), [] as readonly ServiceRecord[]),
        mergeMap(nodes => known.replace(byName(nodes), gap)),
      )
    })
    const rest = timer(Math.min(restMs, options.maxPauseMs), options.clock.scheduler).pipe(ignoreElements())
    // What comes while a look-up runs, or rests, makes it run once more, however much it is.
    const lookUpUntilFresh = concat(lookUpAll, rest).pipe(repeat({ delay: () => (stale ? of(0) : EMPTY) }))
    return merge(services, checks).pipe(
      tap(() => (stale = true)),
      filter(() => names !== undefined),
      exhaustMap(() => lookUpUntilFresh),
    )
  })
}

/** The healthy nodes of a service, one record for each, once. Cold; errors as {@link Agents.ask} says. */
export function healthyNodes(
  { agents, options, reader }: WatchParts,
  name: string,
): Observable<readonly ServiceRecord[]> {
  const call: Call = (client, common) =>
    client.health.service({ service: name, ...inDatacentre(options), ...common })
  return agents.ask(`look up ${name}`, call).pipe(map(({ body }) => readHealthyNodes(body, name, reader)))
}

/** The option that names the datacentre, where one was given. */
export function inDatacentre({ datacentre }: ResolvedConsulOptions): { readonly dc?: string } {
  return datacentre === undefined ? {} : { dc: datacentre }
}

/** Answers come in any order. */
function byName(nodes: readonly ServiceRecord[]): readonly ServiceRecord[] {
  return [...nodes].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
