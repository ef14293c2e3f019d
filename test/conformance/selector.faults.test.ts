import { NEVER, catchError, concat, concatMap, shareReplay, take, type Observable } from 'rxjs'
import { expect, it } from 'vitest'
import { createSelector } from 'headrace/actors'
import {
  ServiceError,
  type LiveFilter,
  type PickOptions,
  type Selector,
  type ServiceNode,
} from 'headrace/streams'
import { selectorSubjects, type SelectorSurroundings } from '../support/selector-subjects.js'
import { brokenLaws } from './law.js'
import { selectorLaws } from './selector.suite.js'

type Fault = (sound: Selector, around: SelectorSurroundings) => Partial<Selector>

const without = (options: PickOptions | undefined, ...names: readonly string[]): PickOptions =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => !names.includes(name)))

/** Changes an error on its way out. */
const failsWith = <T>(source: Observable<T>, change: (error: ServiceError) => ServiceError): Observable<T> =>
  source.pipe(
    catchError((error: unknown): never => {
      throw change(ServiceError.from(error))
    }),
  )

/** The ids of nodes that have failed and not succeeded since. */
const failures = (sound: Selector) => {
  const failed = new Set<string>()
  const report: Selector['report'] = (node, latencyMs, error) => {
    if (error !== undefined) failed.add(node.id)
    else if (latencyMs !== undefined) failed.delete(node.id)
    sound.report(node, latencyMs, error)
  }
  return { failed, report }
}

/** For each law a selector that breaks it, and no other. */
const faults: Readonly<Record<string, Fault>> = {
  'only nodes that are registered are chosen: one that has left is not': (sound, { cache }) => {
    const given = new Set<ServiceNode>()
    return {
      pick(service, options) {
        const known = cache.current(service)?.nodes.map(({ id }) => id) ?? []
        const picked = [...given].find(({ id }) => !known.includes(id)) ?? sound.pick(service, options)
        if (picked !== undefined) given.add(picked)
        return picked
      },
    }
  },
  'a node that has come is chosen': (sound, { cache }) => {
    let known: readonly string[] | undefined
    return {
      pick(service, options) {
        known ??= cache.current(service)?.nodes.map(({ id }) => id)
        const picked = sound.pick(service, options)
        return picked !== undefined && known?.includes(picked.id) === true ? picked : undefined
      },
    }
  },
  'equal nodes take turns with round robin, across calls': sound => {
    let picks = 0
    return {
      pick(service, options) {
        picks += 1
        const { strategy } = options ?? {}
        if (strategy === undefined || picks < 25) return sound.pick(service, options)
        // Begins anew with each call, always at the same place.
        return sound.pick(service, { ...options, strategy: clock => strategy({ ...clock, random: () => 0 }) })
      },
    }
  },
  'the strategy of a call chooses, and gets its key': sound => ({
    pick: (service, options) => sound.pick(service, without(options, 'key')),
  }),
  'nodes to avoid are avoided while others are left': sound => ({
    pick: (service, options) => sound.pick(service, without(options, 'avoid')),
  }),
  'when only nodes to avoid are left, one of them is chosen': sound => ({
    pick(service, options) {
      const picked = sound.pick(service, options)
      return options?.avoid?.includes(picked?.id ?? '') === true ? undefined : picked
    },
  }),
  'only nodes that pass the filter are chosen': sound => ({
    pick(service, options) {
      const picked = sound.pick(service, options)
      if (picked === undefined || typeof options?.filter !== 'function') return picked
      return sound.pick(service, without(options, 'filter'))
    },
  }),
  'when no node passes the filter, nothing is picked and select errors not_found': sound => ({
    pick: (service, options) =>
      sound.pick(service, options) ?? sound.pick(service, without(options, 'filter')),
  }),
  'a live filter counts as it says at the moment': sound => {
    const frozen = new Map<LiveFilter, LiveFilter>()
    return {
      pick(service, options) {
        const filter = options?.filter
        if (filter === undefined || typeof filter === 'function') return sound.pick(service, options)
        const first = frozen.get(filter) ?? filter.pipe(take(1))
        frozen.set(filter, first)
        return sound.pick(service, { ...options, filter: first })
      },
    }
  },
  'a pick of a service that is not known yet starts looking for it': sound => {
    const asked = new Set<string>()
    return {
      pick: (service, options) => (asked.has(service) ? sound.pick(service, options) : undefined),
      candidates: (service, options) => (asked.add(service), sound.candidates(service, options)),
    }
  },
  'select waits for the first snapshot': (sound, { hub, cache }) => ({
    select: (service, options) =>
      cache.current(service) === undefined && hub.lookup(service).length > 0
        ? NEVER
        : sound.select(service, options),
  }),
  'each subscription to select chooses anew': sound => ({
    select: (service, options) =>
      sound.select(service, options).pipe(shareReplay({ bufferSize: 1, refCount: false })),
  }),
  'a service that nobody serves is not_found, and the message names it': (sound, { cache }) => ({
    select: (service, options) =>
      failsWith(sound.select(service, options), error =>
        cache.current(service)?.nodes.length === 0 ? new ServiceError(error.kind, 'not found') : error,
      ),
  }),
  'what is picked is in flight until it is reported, however it ended': sound => ({
    report: (node, latencyMs, error) =>
      latencyMs === undefined && error === undefined ? undefined : sound.report(node, latencyMs, error),
  }),
  'failures of a node are counted': (sound, { cache }) => ({
    report: (node, latencyMs, error) =>
      sound.report(node, latencyMs, cache.current(node.service)?.nodes.length === 1 ? undefined : error),
  }),
  'a report for a node that is not known is ignored': (sound, { hub }) => ({
    report(node, latencyMs, error) {
      const known = hub.lookup(node.service).flatMap(({ nodes }) => nodes.map(({ id }) => id))
      if (!known.includes(node.id)) throw new ServiceError('bad_request', `node ${node.id} is not known`)
      sound.report(node, latencyMs, error)
    },
  }),
  'a node that fails is left out while others are left': (sound, { cache }) => ({
    report: (node, latencyMs, error) =>
      sound.report(node, latencyMs, cache.current(node.service)?.nodes.length === 1 ? error : undefined),
  }),
  'a node that was left out comes back after a while': sound => {
    const { failed, report } = failures(sound)
    return {
      report,
      reset: service => (failed.clear(), sound.reset(service)),
      pick: (service, options) =>
        sound.pick(service, { ...options, avoid: [...(options?.avoid ?? []), ...failed] }),
    }
  },
  'a success brings a node back at once': sound => {
    const { failed, report } = failures(sound)
    return {
      report: (node, latencyMs, error) =>
        failed.has(node.id) && error === undefined
          ? sound.report(node, undefined)
          : report(node, latencyMs, error),
    }
  },
  'reset brings all nodes back at once': () => ({ reset: () => undefined }),
  'failures never leave nothing to choose': (sound, { cache }) => {
    const { failed, report } = failures(sound)
    return {
      report,
      pick(service, options) {
        const nodes = cache.current(service)?.nodes ?? []
        const out = nodes.length > 1 && nodes.every(({ id }) => failed.has(id))
        return out ? undefined : sound.pick(service, options)
      },
    }
  },
  'without the registry from the start, select errors unavailable': sound => ({
    select: (service, options) =>
      failsWith(sound.select(service, options), error =>
        error.detail.includes('out of reach') ? new ServiceError('not_found', error.detail) : error,
      ),
  }),
  'when the registry is lost later, the nodes that were known are chosen': (sound, { cache }) => ({
    pick: (service, options) =>
      cache.current(service)?.stale === true ? undefined : sound.pick(service, options),
  }),
  'candidates tell what may be chosen: at once, and after each change': sound => ({
    candidates: (service, options) =>
      sound
        .candidates(service, options)
        .pipe(concatMap((nodes, index) => (index === 1 ? [nodes, nodes] : [nodes]))),
  }),
  'closed twice it is one promise; then nothing is picked and select errors unavailable': sound => ({
    close: () => sound.close().then(() => undefined),
  }),
  'candidates complete when the selector is closed': sound => ({
    candidates: (service, options) => concat(sound.candidates(service, options), NEVER),
  }),
  'nothing is left behind: no watch and no timer': (sound, { registry }) => ({
    candidates(service, options) {
      registry.watch(service).subscribe({ error: () => undefined })
      return sound.candidates(service, options)
    },
  }),
}

const spoiled = (sound: Selector, faulty: Partial<Selector>): Selector => ({
  name: sound.name,
  pick: (service, options) => sound.pick(service, options),
  select: (service, options) => sound.select(service, options),
  candidates: (service, options) => sound.candidates(service, options),
  report: (node, latencyMs, error) => sound.report(node, latencyMs, error),
  reset: service => sound.reset(service),
  close: () => sound.close(),
  ...faulty,
})

it('has a fault for each law', () => {
  expect(Object.keys(faults).sort()).toEqual(selectorLaws.map(({ name }) => name).sort())
})

for (const [law, fault] of Object.entries(faults)) {
  it(`a fault breaks only: ${law}`, async () => {
    const spoil = (sound: Selector, around: SelectorSurroundings) => spoiled(sound, fault(sound, around))
    const broken = await brokenLaws(selectorLaws, selectorSubjects(createSelector, 1_000, spoil, 100))
    expect([...broken.keys()], String([...broken.values()])).toEqual([law])
  })
}

it('finds no fault where there is none', async () => {
  const broken = await brokenLaws(selectorLaws, selectorSubjects(createSelector, 1_000))
  expect([...broken]).toEqual([])
})
