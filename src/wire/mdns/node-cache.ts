import { NodeTable, ServiceError, type RegistryEvent, type ServiceRecord } from '../../streams/index.js'

/** What is known about a node from the network. */
export interface KnownNode {
  /** The name that a goodbye names it by. */
  readonly instance: string
  /** A record with this one node. */
  readonly record: ServiceRecord
  readonly ttlSeconds: number
  /** How much memory it takes, about. */
  readonly bytes: number
}

/** Bounds of a {@link NodeCache}. */
export interface NodeCacheLimits {
  readonly maxNodes: number
  readonly maxCacheBytes: number
}

/** Whatever a stranger says: a living node is asked again, and a dead one is not remembered for years (RFC 6762 section 10). */
const longestLifeSeconds = 4_500

interface Entry extends KnownNode {
  readonly expiresAt: number
  /** When its service is asked for again, latest first. */
  readonly asks: number[]
}

/** What is due at a point in time. */
export interface Due {
  readonly events: readonly RegistryEvent[]
  /** Services to ask for again, because a node of theirs has not been heard of for most of its life. */
  readonly ask: readonly string[]
}

/**
 * The nodes that were heard of, each until its time to live is over. At 80, 90 and 95 percent of it the service is to be
 * asked for again (RFC 6762 section 5.2): a Go node announces itself once only and answers, a dead one is silent and expires.
 * Time comes in as an argument, in milliseconds.
 */
export class NodeCache {
  private readonly table = new NodeTable()
  private readonly entries = new Map<string, Entry>()
  private bytes = 0
  private next = Infinity

  constructor(
    private readonly limits: NodeCacheLimits,
    private readonly random: () => number,
  ) {}

  /** The earliest time at which something is due; `Infinity` for never. */
  get nextAt(): number {
    return this.next
  }

  /** How many nodes are known. */
  get size(): number {
    return this.entries.size
  }

  /** Everything that is known. */
  snapshot(): readonly ServiceRecord[] {
    return this.table.all()
  }

  /** Remembers a node for its time to live from now. Throws `resource_exhausted` when the cache is full and it is new. */
  hear(node: KnownNode, now: number): readonly RegistryEvent[] {
    const known = this.entries.get(node.instance)
    this.checkRoom(node, known)
    const moved =
      known !== undefined && known.record.name !== node.record.name ? this.forget(node.instance) : []
    this.bytes += node.bytes - (this.entries.get(node.instance)?.bytes ?? 0)
    const life = 1_000 * Math.min(node.ttlSeconds, longestLifeSeconds)
    const asks = [0.95, 0.9, 0.8].map(part => now + life * (part + 0.02 * this.random()))
    this.entries.set(node.instance, { ...node, expiresAt: now + life, asks })
    this.next = Math.min(this.next, ...asks)
    return [...moved, ...this.table.put(node.record)]
  }

  /** Drops a node that said goodbye. */
  forget(instance: string): readonly RegistryEvent[] {
    const entry = this.entries.get(instance)
    if (entry === undefined) return []
    this.entries.delete(instance)
    this.bytes -= entry.bytes
    return this.table.remove(entry.record.name, idsOf(entry))
  }

  /** Drops what has expired, and says what is to be asked for. */
  pass(now: number): Due {
    const events: RegistryEvent[] = []
    const ask = new Set<string>()
    let next = Infinity
    for (const entry of this.entries.values()) {
      if (entry.expiresAt <= now) events.push(...this.forget(entry.instance))
      else {
        if (takeDue(entry.asks, now)) ask.add(entry.record.name)
        next = Math.min(next, entry.asks.at(-1) ?? entry.expiresAt)
      }
    }
    this.next = next
    return { events, ask: [...ask] }
  }

  private checkRoom(node: KnownNode, known: KnownNode | undefined): void {
    const { maxNodes, maxCacheBytes } = this.limits
    const nodes = this.entries.size + (known === undefined ? 1 : 0)
    const bytes = this.bytes + node.bytes - (known?.bytes ?? 0)
    if (nodes <= maxNodes && bytes <= maxCacheBytes) return
    throw new ServiceError(
      'resource_exhausted',
      `mdns: no room for node '${node.instance}' besides ${this.entries.size} nodes (maxNodes ${maxNodes}) ` +
        `in ${this.bytes} bytes (maxCacheBytes ${maxCacheBytes})`,
    )
  }
}

function idsOf({ record }: KnownNode): readonly string[] {
  return record.nodes.map(node => node.id)
}

/** Removes the times that have come. True if there were any. */
function takeDue(asks: number[], now: number): boolean {
  const before = asks.length
  while (asks.length > 0 && (asks.at(-1) ?? Infinity) <= now) asks.pop()
  return asks.length < before
}
