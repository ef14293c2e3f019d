import type fastCheck from 'fast-check'
import type { Arbitrary } from 'fast-check'
import {
  ServiceError,
  flattenNodes,
  type NodeLoad,
  type NodeRecord,
  type ServiceNode,
  type ServiceRecord,
  type Snapshot,
} from 'headrace/streams'

/** The library fast-check, passed in by whoever proves something with it. */
export type FastCheck = typeof fastCheck

/** How one use of a node ended: the arguments of `Selector.report`. */
export interface Outcome {
  readonly latencyMs: number | undefined
  readonly error: ServiceError | undefined
}

/** What selectors and strategies meet. */
export interface SelectorArbitraries {
  /** One to twelve nodes of the service `greeter`, with different ids. */
  readonly nodes: Arbitrary<readonly ServiceNode[]>
  /** The same with loads, as a strategy gets them. */
  readonly loads: Arbitrary<readonly NodeLoad[]>
  /** Up to three versions of the service `greeter` with up to twelve nodes in all. */
  readonly snapshot: Arbitrary<Snapshot>
  /** An answer, a failure of the node, or neither. */
  readonly outcome: Arbitrary<Outcome>
}

/** Arbitraries of nodes, loads, snapshots and outcomes. */
export function arbitraries(fc: FastCheck): SelectorArbitraries {
  const record: Arbitrary<NodeRecord> = fc.record({
    id: fc.nat({ max: 999 }).map(number => `greeter-${number}`),
    address: fc.nat({ max: 50_000 }).map(port => `127.0.0.1:${port + 1_024}`),
    metadata: fc.constantFrom<Record<string, string>>(
      {},
      { zone: 'a' },
      { zone: 'b' },
      { zone: 'a', tier: '1' },
    ),
  })
  const records = (minLength: number) =>
    fc.uniqueArray(record, { minLength, maxLength: 12, selector: ({ id }) => id })
  const services = records(0).chain(all =>
    fc
      .array(fc.constantFrom('1.0', '1.1', '2.0'), { minLength: all.length, maxLength: all.length })
      .map(versions => group(all, versions)),
  )
  const nodes = records(1).map(all => flattenNodes(group(all, [])))
  const load = fc.record({
    inFlight: fc.nat({ max: 9 }),
    latencyMs: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 5_000, noNaN: true })),
    measuredAt: fc.constant(0),
    failures: fc.nat({ max: 3 }),
  })
  const kind = fc.constantFrom('unavailable', 'timeout', 'internal')
  return {
    nodes,
    loads: nodes.chain(all =>
      fc
        .array(load, { minLength: all.length, maxLength: all.length })
        .map(each => all.map((node, place) => loadOf(node, each[place]))),
    ),
    snapshot: services.map(all => ({
      service: 'greeter',
      services: all,
      nodes: flattenNodes(all),
      stale: false,
      at: 0,
    })),
    outcome: fc.oneof(
      fc.record({ latencyMs: fc.double({ min: 0, max: 5_000, noNaN: true }), error: fc.constant(undefined) }),
      fc.record({
        latencyMs: fc.constant(undefined),
        error: kind.map(each => new ServiceError(each, 'the node failed')),
      }),
      fc.constant({ latencyMs: undefined, error: undefined }),
    ),
  }
}

/** An idle node that was never used, or one of the given load. */
export function loadOf(node: ServiceNode, load: Partial<NodeLoad> = {}): NodeLoad {
  return { inFlight: 0, latencyMs: 0, measuredAt: 0, failures: 0, ...load, node }
}

function group(nodes: readonly NodeRecord[], versions: readonly string[]): readonly ServiceRecord[] {
  const byVersion = new Map<string, NodeRecord[]>()
  nodes.forEach((node, place) => {
    const version = versions[place] ?? '1.0'
    byVersion.set(version, [...(byVersion.get(version) ?? []), node])
  })
  return [...byVersion].map(([version, those]) => ({
    name: 'greeter',
    version,
    metadata: {},
    endpoints: [],
    nodes: those,
  }))
}
