import { filter, firstValueFrom } from 'rxjs'
import {
  ServiceError,
  type NodeRecord,
  type PickOptions,
  type Registry,
  type Selector,
  type ServiceNode,
} from 'headrace/streams'
import { within } from '../law.js'

/** What a selector's test provides. */
export interface SelectorSubject {
  readonly selector: Selector
  /** A handle on the registry that the selector reads: nodes come and go through it. */
  readonly registry: Registry
  /** Lets milliseconds of the selector's clock pass, and everything happen that is due by then. */
  elapse(ms: number): Promise<void>
  /** The longest time that a node is left out after its first failures, in milliseconds (feature `ejection`). */
  readonly outMs: number
  /** How long a law waits for something, in real milliseconds. */
  readonly patienceMs: number
  /** Ends what the selector was given and does not close itself, such as a registry cache. */
  release(): Promise<void>
  /** How many watches and timers are running now for the selector and what it was given. */
  running(): number
  /** Cuts the registry's backend off, and joins it again (feature `backendLoss`). */
  lose?(): Promise<void>
  restore?(): Promise<void>
}

/** The service of all laws. */
export const service = 'greeter'

/** More failures in a row than any selector forgives. */
const manyFailures = 3

/** The failure of a node that is not there. */
export const refused = new ServiceError('unavailable', 'connection refused')

/** A node's record; `zone` is its label. */
export function node(id: string, zone = 'a'): NodeRecord {
  return { id, address: `127.0.0.1:${1_000 + id.charCodeAt(0)}`, metadata: { zone } }
}

/** Registers nodes and waits until the selector can choose them. */
export async function serve(subject: SelectorSubject, ...nodes: readonly NodeRecord[]): Promise<void> {
  const record = { name: service, version: '1.0', metadata: {}, endpoints: [], nodes }
  await within(subject.patienceMs, 'register', done(subject.registry.register(record)))
  await shows(subject, ids => nodes.every(({ id }) => ids.includes(id)))
}

/** Takes nodes out and waits until the selector knows. */
export async function leave(subject: SelectorSubject, ...ids: readonly string[]): Promise<void> {
  const record = {
    name: service,
    version: '1.0',
    metadata: {},
    endpoints: [],
    nodes: ids.map(id => node(id)),
  }
  await within(subject.patienceMs, 'deregister', done(subject.registry.deregister(record)))
  await shows(subject, left => !ids.some(id => left.includes(id)))
}

/** Waits until the ids of the candidates are as wanted. */
export async function shows(
  { selector, patienceMs }: SelectorSubject,
  wanted: (ids: readonly string[]) => boolean,
): Promise<void> {
  const seen = selector.candidates(service).pipe(filter(nodes => wanted(nodes.map(({ id }) => id))))
  await within(patienceMs, 'the candidates', firstValueFrom(seen))
}

/** The ids of several choices, each reported as a success. */
export function chosen(
  { selector }: SelectorSubject,
  times: number,
  options?: PickOptions,
): readonly string[] {
  return Array.from({ length: times }, () => {
    const picked = selector.pick(service, options)
    if (picked !== undefined) selector.report(picked, 1)
    return picked?.id ?? 'none'
  })
}

/** Puts a node out: uses that are under way at the same time all fail. */
export function fail(subject: SelectorSubject, id: string): void {
  const uses = Array.from({ length: manyFailures }, () => pickOne(subject, id))
  for (const picked of uses) subject.selector.report(picked, undefined, refused)
}

/** Picks a certain node, through a strategy that takes it from the list; any other if it is not there. */
export function pickOne({ selector }: SelectorSubject, id: string): ServiceNode {
  const picked = selector.pick(service, { strategy: () => nodes => pickedFrom(nodes, id) })
  if (picked === undefined) throw new Error('pick: no node was chosen')
  return picked
}

function pickedFrom<T extends { readonly node: ServiceNode }>(nodes: readonly T[], id: string): T {
  const wanted = nodes.find(load => load.node.id === id) ?? nodes[0]
  if (wanted === undefined) throw new Error('a strategy got an empty list')
  return wanted
}

async function done(operation: ReturnType<Registry['register']>): Promise<void> {
  await firstValueFrom(operation, { defaultValue: undefined })
}
