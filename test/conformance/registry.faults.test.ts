import {
  EMPTY,
  NEVER,
  catchError,
  concat,
  defer,
  filter,
  map,
  mergeMap,
  of,
  share,
  throwError,
  type Observable,
} from 'rxjs'
import { expect, it } from 'vitest'
import { ServiceError, type Registry, type RegistryEvent, type ServiceRecord } from 'headrace/streams'
import { memoryRegistrySubjects, type Surroundings } from '../support/memory-registry.js'
import { brokenLaws } from './law.js'
import { registryLaws } from './registry.suite.js'

type Fault = (sound: Registry, around: Surroundings) => Partial<Registry>

/** For each law a registry that breaks it, and no other. */
const faults: Readonly<Record<string, Fault>> = {
  'another handle finds what was registered: nodes, endpoints, metadata and addresses': sound => ({
    lookup: name => sound.lookup(name).pipe(map(records => records.map(withoutEndpoints))),
  }),
  'a node that was deregistered is not looked up any more, another stays': (sound, { hub }) => ({
    deregister: ({ name }) =>
      defer(() => sound.deregister({ ...blank(name), nodes: nodesOf(hub.lookup(name)) })),
  }),
  'a service without nodes is not there': (sound, { hub }) => {
    const heard = new Set<string>()
    hub.changes.subscribe(event => event.kind === 'create' && heard.add(event.service.name))
    return { list: () => sound.list().pipe(map(names => [...new Set([...names, ...heard])].sort())) }
  },
  'deregistering what is not there is no error': (sound, { hub }) => ({
    deregister: service =>
      hub.lookup(service.name).length > 0
        ? sound.deregister(service)
        : throwError(() => new ServiceError('not_found', 'no such service')),
  }),
  'nodes of one version are in one record, whichever handle registered them': sound => ({
    lookup: name =>
      sound
        .lookup(name)
        .pipe(map(records => records.flatMap(each => each.nodes.map(node => ({ ...each, nodes: [node] }))))),
  }),
  'two versions are two records': sound => ({
    lookup: name =>
      sound.lookup(name).pipe(map(([first, ...rest]) => (first === undefined ? [] : [merged(first, rest)]))),
  }),
  'what the caller does to a record after registering it changes nothing': (sound, { held }) => {
    return {
      register: (service, options) => {
        for (const node of service.nodes) held.set(node.id, node)
        return sound.register(service, options)
      },
      lookup: name =>
        sound.lookup(name).pipe(
          map(records =>
            records.map(record => ({
              ...record,
              nodes: record.nodes.map(node => ({
                ...node,
                metadata: held.get(node.id)?.metadata ?? node.metadata,
              })),
            })),
          ),
        ),
    }
  },
  'a look-up of an unknown name is one empty list': sound => ({
    lookup: name =>
      sound.lookup(name).pipe(mergeMap(found => (found.length > 0 ? of(found) : of(found, found)))),
  }),
  'the list has the name of each service once, sorted': sound => ({
    list: () => sound.list().pipe(map(names => [...names].reverse())),
  }),
  'many nodes registered at once are all there': sound => ({
    lookup: name =>
      sound
        .lookup(name)
        .pipe(map(records => records.map(record => ({ ...record, nodes: record.nodes.slice(0, 16) })))),
  }),
  'a watch begins with exactly one reset, which holds what is there': sound => ({
    watch: name =>
      sound
        .watch(name)
        .pipe(
          mergeMap(event =>
            event.kind === 'reset' && event.services.length > 0 ? of(event, event) : of(event),
          ),
        ),
  }),
  'a running watch is told of a new node once': sound => ({
    watch: name =>
      sound.watch(name).pipe(mergeMap(event => (event.kind === 'create' ? of(event, event) : of(event)))),
  }),
  'a running watch is told of a node that was deregistered': (sound, { hub, clock }) => ({
    watch: name =>
      sound
        .watch(name)
        .pipe(filter(e => e.kind !== 'delete' || clock.now() > 0 || hub.lookup(e.service.name).length > 0)),
  }),
  'registering again replaces the record of the node': (sound, { hub }) => ({
    register: (service, options) =>
      defer(() =>
        options === undefined && isKnown(hub.lookup(service.name), service)
          ? EMPTY
          : sound.register(service, options),
      ),
  }),
  'a node that is registered with another version leaves the one it had': (sound, { hub }) => ({
    watch: name =>
      sound
        .watch(name)
        .pipe(
          filter(
            e =>
              e.kind !== 'delete' ||
              !e.service.nodes.some(node => holds(hub.lookup(e.service.name), node.id)),
          ),
        ),
  }),
  'a watch of one service hears of no other': sound => ({ watch: () => sound.watch() }),
  'a watch of everything hears of each service': sound => ({
    watch: name => (name === undefined ? defer(() => knownOnly(sound.watch())) : sound.watch(name)),
  }),
  'each subscription of a watch is a watch of its own': sound => ({
    watch: name => sound.watch(name).pipe(share()),
  }),
  'after any changes a watch has folded to what a look-up finds': sound => ({
    watch: name => sound.watch(name).pipe(filter((_, at) => at < 7)),
  }),
  'a node that is not registered again leaves when its time is over': sound => ({
    register: (service, options) => sound.register(service, (options?.ttlMs ?? 0) < 0 ? options : undefined),
  }),
  'a node that is registered again within its time stays, and no event tells of it': (sound, { hub }) => ({
    register: (service, options) =>
      defer(() =>
        options !== undefined && isKnown(hub.lookup(service.name), service)
          ? EMPTY
          : sound.register(service, options),
      ),
  }),
  'a record that cannot be registered is a bad_request': sound => ({
    register: (service, options) => (service.name === '' ? EMPTY : sound.register(service, options)),
  }),
  'closing is done once, however often it is asked for': sound => ({ close: async () => sound.close() }),
  'closing a handle completes its watches and its events': sound => ({
    watch: name => concat(sound.watch(name), NEVER),
  }),
  'a closed handle answers unavailable': sound => ({
    list: () =>
      sound
        .list()
        .pipe(catchError((e: ServiceError) => (/closed/.test(e.message) ? of([]) : throwError(() => e)))),
  }),
  'a lost backend ends a watch with unavailable, and a new one begins with a reset': sound => ({
    watch: name => sound.watch(name).pipe(catchError(() => EMPTY)),
  }),
  'nothing happens before an operation is subscribed, and each subscription does it once more': sound => ({
    register: (service, options) => {
      sound.register(service, options).subscribe({ error: () => undefined })
      return sound.register(service, options)
    },
  }),
  'unsubscribing ends a watch and what ran for it': (sound, { hub }) => ({
    watch: name =>
      defer(() => {
        hub.changes.subscribe()
        return sound.watch(name)
      }),
  }),
  'unsubscribing a look-up cancels it': (sound, { clock }) => ({
    lookup: name =>
      defer(() => {
        clock.schedule(() => undefined, 3_600_000)
        return sound.lookup(name)
      }),
  }),
}

it.each(registryLaws.map(law => law.name))('%s: its planted fault breaks this law alone', async name => {
  const fault = faults[name]
  expect(fault, 'a fault for this law').toBeDefined()
  const spoil = (sound: Registry, around: Surroundings) => spoiled(sound, fault?.(sound, around) ?? {})
  const broken = await brokenLaws(registryLaws, memoryRegistrySubjects(spoil, 60))
  expect([...broken.keys()]).toEqual([name])
})

function spoiled(sound: Registry, fault: Partial<Registry>): Registry {
  return {
    name: sound.name,
    events: sound.events,
    register: (service, options) => sound.register(service, options),
    deregister: service => sound.deregister(service),
    lookup: name => sound.lookup(name),
    list: () => sound.list(),
    watch: name => sound.watch(name),
    close: () => sound.close(),
    ...fault,
  }
}

function blank(name: string): ServiceRecord {
  return { name, version: '', metadata: {}, endpoints: [], nodes: [] }
}

function nodesOf(records: readonly ServiceRecord[]): ServiceRecord['nodes'] {
  return records.flatMap(record => record.nodes)
}

function withoutEndpoints(record: ServiceRecord): ServiceRecord {
  return { ...record, endpoints: [] }
}

function merged(first: ServiceRecord, rest: readonly ServiceRecord[]): ServiceRecord {
  return { ...first, nodes: nodesOf([first, ...rest]) }
}

function holds(records: readonly ServiceRecord[], id: string): boolean {
  return nodesOf(records).some(node => node.id === id)
}

function isKnown(records: readonly ServiceRecord[], service: ServiceRecord): boolean {
  const same = records.filter(record => record.version === service.version)
  return service.nodes.some(node => holds(same, node.id))
}

function knownOnly(watch: Observable<RegistryEvent>): Observable<RegistryEvent> {
  let known: readonly string[] = []
  return watch.pipe(
    filter(event => {
      if (event.kind === 'reset') known = event.services.map(service => service.name)
      return event.kind === 'reset' || known.includes(event.service.name)
    }),
  )
}
