import { Subscription, interval } from 'rxjs'
import type { Clock } from '../streams/clock.js'

interface Kept<V> {
  readonly value: V
  used: boolean
  holders: number
  idleTicks: number
}

/** In how many steps the idle time is measured: reading the clock at every use would cost more than the use. */
const ticks = 8

/**
 * A map that forgets what is not used: an entry lives while it is held, and `idleMs` (at most an eighth longer) after its last
 * use. There is one timer while there are entries, and none otherwise.
 */
export class IdleTable<K, V> {
  private readonly kept = new Map<K, Kept<V>>()
  /** The entry asked for last: the same one is asked for again and again, and comparing costs less than a look-up. */
  private latestKey: K | undefined
  private latest: Kept<V> | undefined
  private sweep = Subscription.EMPTY

  constructor(
    private readonly clock: Clock,
    private readonly idleMs: number,
    private readonly forget: (value: V, key: K) => void,
  ) {}

  get size(): number {
    return this.kept.size
  }

  /** The value of `key`. To ask is to use. */
  get(key: K): V | undefined {
    const entry = key === this.latestKey ? this.latest : this.find(key)
    if (entry === undefined) return undefined
    entry.used = true
    return entry.value
  }

  add(key: K, value: V): void {
    if (this.kept.size === 0) this.startSweep()
    this.kept.set(key, { value, used: true, holders: 0, idleTicks: 0 })
  }

  /** Keeps the entry until the function that is returned is called. */
  hold(key: K): () => void {
    const entry = this.kept.get(key)
    if (entry === undefined) return () => undefined
    entry.holders += 1
    return () => {
      entry.holders -= 1
      entry.used = true
    }
  }

  /** Forgets one entry now. */
  delete(key: K): void {
    const entry = this.kept.get(key)
    if (entry === undefined) return
    this.kept.delete(key)
    this.latestKey = undefined
    this.latest = undefined
    if (this.kept.size === 0) this.sweep.unsubscribe()
    this.forget(entry.value, key)
  }

  /** Forgets the entry that was added first. */
  deleteOldest(): void {
    for (const key of this.kept.keys()) return this.delete(key)
  }

  /** Forgets everything now. */
  clear(): void {
    for (const key of [...this.kept.keys()]) this.delete(key)
  }

  private find(key: K): Kept<V> | undefined {
    const entry = this.kept.get(key)
    if (entry === undefined) return undefined
    this.latestKey = key
    this.latest = entry
    return entry
  }

  private startSweep(): void {
    const { scheduler } = this.clock
    const sweep = interval(this.idleMs / ticks, scheduler)
    this.sweep = sweep.subscribe({ next: () => this.tick(), error: () => undefined }) // a timer has no errors
  }

  private tick(): void {
    for (const [key, entry] of this.kept) {
      entry.idleTicks = entry.used || entry.holders > 0 ? 0 : entry.idleTicks + 1
      entry.used = false
      if (entry.idleTicks >= ticks) this.delete(key)
    }
  }
}
