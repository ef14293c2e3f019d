import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyRegistryEvent, type RegistryEvent, type ServiceRecord } from 'headrace/streams'
import { NodeReader } from '../../src/adapters/registry/mdns/known-nodes.js'
import { watchNodes } from '../../src/adapters/registry/mdns/watch.js'
import { zlibCompression } from '../../src/adapters/zlib-compression.js'
import { writeDnsMessage } from '../../src/wire/mdns/dns-writer.js'
import { announcement, goodbye, instanceName, type MdnsNode } from '../../src/wire/mdns/node-packets.js'
import { packText, writeServiceText } from '../../src/wire/mdns/service-text.js'
import { FakeMedium } from '../support/fake-medium.js'
import { VirtualClock } from '../support/virtual-clock.js'

const compression = zlibCompression('mdns', 10_000)
/** A watch handles together what is due within this time. */
const togetherMs = 10

interface Said {
  readonly service: string
  readonly id: string
  readonly version: string
  readonly zone: string
  readonly ttlSeconds: number
}

const said: fc.Arbitrary<Said> = fc.record({
  service: fc.constantFrom('one', 'two'),
  id: fc.constantFrom('a', 'b', 'c'),
  version: fc.constantFrom('1', '2'),
  zone: fc.constantFrom('x', 'y'),
  ttlSeconds: fc.constantFrom(1, 3, 10),
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('announce' as const), said }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goodbye' as const), said }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noise' as const), cut: fc.nat(200), said }) },
)

function nodeOf({ service, id, version, zone, ttlSeconds }: Said): MdnsNode {
  const strings = packText(
    writeServiceText({ service, version, endpoints: [], metadata: { zone } }),
    compression,
  )
  return { service, id, domain: 'local', host: 'vm', ip: '127.0.0.1', port: 80, strings, ttlSeconds }
}

/** What is there by the rules alone: the last word of each node, until its time is over. */
class Model {
  readonly nodes = new Map<string, Said & { readonly until: number }>()

  shape(name: string | undefined, now: number): readonly string[] {
    const alive = [...this.nodes.values()].filter(
      ({ service, until }) => until > now && (name ?? service) === service,
    )
    return alive.map(({ service, version, id, zone }) => `${service} ${version} ${id} ${zone}`).sort()
  }

  /** Whether a node ends so close to now that a watch may not have noticed yet. */
  isOnTheEdge(now: number): boolean {
    return [...this.nodes.values()].some(({ until }) => until <= now && until > now - togetherMs)
  }
}

function shapeOf(services: readonly ServiceRecord[]): readonly string[] {
  const lines = services.flatMap(({ name, version, nodes }) =>
    nodes.map(({ id, metadata }) => `${name} ${version} ${id} ${metadata['zone']}`),
  )
  return lines.sort()
}

test('whatever is said when, a watch has folded to what is there, and repetition is no event', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom('one', undefined), (steps, name) => {
      const clock = new VirtualClock()
      const medium = new FakeMedium(() => clock.now())
      const group = new FakeMedium(() => clock.now())
      const model = new Model()
      let services: readonly ServiceRecord[] = []
      const events: RegistryEvent[] = []
      const watching = watchNodes(
        {
          group: group.opened,
          queries: medium.opened,
          reader: new NodeReader(['local'], compression, () => undefined),
          domains: ['local'],
          queryMs: 100,
          absentMs: 100,
          limits: { maxNodes: 100, maxCacheBytes: 1_000_000 },
          clock,
          onFault: () => undefined,
        },
        name,
      ).subscribe(event => {
        events.push(event)
        services = applyRegistryEvent(services, event)
      })
      clock.advance(100)
      for (const each of steps) {
        const before = events.length
        if (each.kind === 'wait') clock.advance(each.ms)
        else {
          const node = nodeOf(each.said)
          const key = instanceName(node)
          const known = model.nodes.get(key)
          if (each.kind === 'announce') {
            const { until = 0, ...old } = known ?? {}
            const fresh = { ...each.said, until: clock.now() + 1_000 * each.said.ttlSeconds }
            model.nodes.set(key, fresh)
            group.arrive(writeDnsMessage(announcement(node), { compress: false }))
            const same =
              JSON.stringify({ ...old, ttlSeconds: 0 }) === JSON.stringify({ ...each.said, ttlSeconds: 0 })
            if (same && until > clock.now()) expect(events.length).toBe(before)
          } else if (each.kind === 'goodbye') {
            model.nodes.delete(key)
            medium.arrive(writeDnsMessage(goodbye(node), { compress: true }))
          } else {
            arriveCut(group, writeDnsMessage(announcement(node), { compress: false }), each.cut)
          }
        }
        if (!model.isOnTheEdge(clock.now())) expect(shapeOf(services)).toEqual(model.shape(name, clock.now()))
      }
      watching.unsubscribe()
      expect(clock.pending).toBe(0)
      expect(events.filter(event => event.kind === 'reset')).toHaveLength(1)
    }),
    { numRuns: 150 },
  )
})

/** A piece of a packet; what cannot be read at all does not reach a watch. */
function arriveCut(medium: FakeMedium, bytes: Uint8Array, cut: number): void {
  try {
    medium.arrive(bytes.subarray(0, Math.min(cut, bytes.length - 1)))
  } catch {
    return
  }
}
