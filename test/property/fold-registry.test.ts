import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyRegistryEvent, type NodeRecord, type RegistryEvent, type ServiceRecord } from 'headrace/streams'

const node: fc.Arbitrary<NodeRecord> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
  address: fc.constantFrom('127.0.0.1:1', '127.0.0.1:2'),
  metadata: fc.constantFrom<Record<string, string>>({}, { zone: 'x' }),
})
const service: fc.Arbitrary<ServiceRecord> = fc.record({
  name: fc.constantFrom('one', 'two'),
  version: fc.constantFrom('1', '2', ''),
  metadata: fc.constantFrom<Record<string, string>>({}, { team: 'y' }),
  endpoints: fc.constantFrom(
    [],
    [{ name: 'Greeter.Hello', request: undefined, response: undefined, metadata: {} }],
  ),
  nodes: fc.array(node, { maxLength: 4 }),
})
const event: fc.Arbitrary<RegistryEvent> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reset' as const),
      services: fc.array(service, { maxLength: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
      service,
    }),
  },
)

/** The same rules with no care for speed: a table of nodes and one of versions. */
class Model {
  private nodes = new Map<string, { version: string; node: NodeRecord }>()
  private versions = new Map<string, ServiceRecord>()

  apply(change: RegistryEvent): void {
    if (change.kind === 'reset') {
      this.nodes.clear()
      this.versions.clear()
      for (const record of change.services) this.put(record)
    } else if (change.kind === 'delete') this.take(change.service)
    else this.put(change.service)
    this.dropEmpty()
  }

  /** Lines of text, sorted, so that places in lists do not matter. */
  lines(): string[] {
    const lines = [...this.versions.values()].map(({ name, version, metadata, endpoints }) =>
      JSON.stringify([name, version, metadata, endpoints, this.nodesOf(name, version)]),
    )
    return lines.sort()
  }

  private put(record: ServiceRecord): void {
    for (const entry of record.nodes)
      this.nodes.set(JSON.stringify([record.name, entry.id]), { version: record.version, node: entry })
    this.versions.set(JSON.stringify([record.name, record.version]), record)
    this.dropEmpty()
  }

  private take(record: ServiceRecord): void {
    for (const [key, { version, node }] of this.nodes) {
      const [name] = JSON.parse(key) as [string]
      const named = record.nodes.length === 0 || record.nodes.some(({ id }) => id === node.id)
      if (name === record.name && version === record.version && named) this.nodes.delete(key)
    }
  }

  private dropEmpty(): void {
    for (const [key, { name, version }] of this.versions)
      if (this.nodesOf(name, version).length === 0) this.versions.delete(key)
  }

  private nodesOf(name: string, version: string): string[] {
    const found = [...this.nodes].filter(
      ([key, entry]) => entry.version === version && (JSON.parse(key) as [string])[0] === name,
    )
    return found.map(([, entry]) => JSON.stringify(entry.node)).sort()
  }
}

const linesOf = (services: readonly ServiceRecord[]): string[] =>
  services
    .map(({ name, version, metadata, endpoints, nodes }) =>
      JSON.stringify([name, version, metadata, endpoints, nodes.map(entry => JSON.stringify(entry)).sort()]),
    )
    .sort()

test('snapshots are what a plain model says, after any events', () => {
  const property = fc.property(fc.array(event, { maxLength: 30 }), events => {
    const model = new Model()
    let services: readonly ServiceRecord[] = []
    for (const change of events) {
      const before = linesOf(services)
      const after = applyRegistryEvent(services, change)
      model.apply(change)
      expect(linesOf(after)).toEqual(model.lines())
      // The same object exactly when nothing changed.
      expect(after === services).toBe(JSON.stringify(before) === JSON.stringify(linesOf(after)))
      services = after
    }
  })
  fc.assert(property, { numRuns: 500 })
})

test('after a gap, a reset brings every follower to the same snapshot', () => {
  const history = fc.array(event, { maxLength: 20 })
  const property = fc.property(
    history,
    fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    (events, heard) => {
      const truth = events.reduce(applyRegistryEvent, [])
      const gappy = events.filter((_, at) => heard[at] === true).reduce(applyRegistryEvent, [])
      const healed = applyRegistryEvent(gappy, { kind: 'reset', services: truth })
      expect(linesOf(healed)).toEqual(linesOf(truth))
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('what an event does not touch keeps its identity', () => {
  const property = fc.property(fc.array(event, { maxLength: 10 }), event, (events, change) => {
    const before = events.reduce(applyRegistryEvent, [])
    const after = applyRegistryEvent(before, change)
    const known = new Map(
      before.flatMap(record => record.nodes.map(entry => [JSON.stringify([record.name, entry]), entry])),
    )
    for (const record of after)
      for (const entry of record.nodes) {
        const same = known.get(JSON.stringify([record.name, entry]))
        const place = before.find(other => other.name === record.name && other.version === record.version)
        if (same !== undefined && place?.nodes.includes(same) === true) expect(entry).toBe(same)
      }
  })
  fc.assert(property, { numRuns: 200 })
})
