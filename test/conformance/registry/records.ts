import { firstValueFrom, lastValueFrom, type Observable } from 'rxjs'
import type { Registry, ServiceRecord } from 'headrace/streams'
import { within } from '../law.js'
import type { RegistrySubject } from './subject.js'

/** The id that a law gives to a node. */
export const idOf = (subject: RegistrySubject, id: string) => `${subject.service}-node-${id}`

/** A record with one node. */
export function greeter(
  subject: RegistrySubject,
  { id = 'a', version = '1.0.0', label = 'one' }: { id?: string; version?: string; label?: string } = {},
): ServiceRecord {
  const node = { id: idOf(subject, id), address: '127.0.0.1:18080', metadata: { label } }
  return { name: subject.service, version, metadata: {}, endpoints: [], nodes: [node] }
}

/** A record that uses every field, three levels of types and text beyond ASCII. */
export function detailed(subject: RegistrySubject): ServiceRecord {
  const name = { name: 'name', type: 'string', values: [] }
  const inner = { name: 'inner', type: 'Inner', values: [name] }
  const request = { name: 'HelloRequest', type: 'HelloRequest', values: [name, inner] }
  const hello = { name: 'Greeter.Hello', request, response: request, metadata: { stream: 'false' } }
  const events = {
    name: 'Events',
    request,
    response: undefined,
    metadata: { topic: 'events', subscriber: 'true' },
  }
  const metadata = { 'X-Zone': 'Zürich, 東京', empty: '', quoted: '"\\\n' }
  const node = { id: idOf(subject, 'a'), address: '127.0.0.1:18080', metadata }
  return {
    name: subject.service,
    version: '1.0.0-rc.1+x',
    metadata: {},
    endpoints: [hello, events],
    nodes: [node],
  }
}

/** Waits for an operation that only completes. */
export function done(operation: Observable<never>): Promise<void> {
  return lastValueFrom(operation, { defaultValue: undefined })
}

/** What a look-up of the law's service finds, within the patience. */
export function lookup(subject: RegistrySubject, registry: Registry): Promise<readonly ServiceRecord[]> {
  return within(subject.patienceMs, 'look-up', firstValueFrom(registry.lookup(subject.service)))
}

/** The list of all names, within the patience. */
export function names(subject: RegistrySubject, registry: Registry): Promise<readonly string[]> {
  return within(subject.patienceMs, 'list', firstValueFrom(registry.list()))
}

/** The node ids of some records, sorted. */
export function idsOf(records: Iterable<ServiceRecord>): string[] {
  return [...records].flatMap(record => record.nodes.map(node => node.id)).sort()
}

/** Versions and node ids of some records, sorted. */
export function shape(records: Iterable<ServiceRecord>): string[] {
  return [...records].flatMap(({ version, nodes }) => nodes.map(node => `${version} ${node.id}`)).sort()
}

/** Whether a folded watch holds the node. */
export function has(state: ReadonlyMap<string, ServiceRecord>, id: string): boolean {
  return idsOf(state.values()).some(each => each.endsWith(`-node-${id}`))
}
