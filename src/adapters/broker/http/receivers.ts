import type { Receiver } from './receiver.js'

/** How many subscriptions that have ended are remembered. */
const rememberedEnded = 1_024

/** The subscriptions of a broker by their ids, and how many bytes of deliveries to them are being received or not yet answered. */
export class Receivers {
  private readonly receivers = new Map<string, Receiver>()
  private readonly ended = new Set<string>()
  private pendingBytes = 0

  constructor(private readonly maxPendingBytes: number) {}

  add(id: string, receiver: Receiver): void {
    this.receivers.set(id, receiver)
  }

  remove(id: string): void {
    this.receivers.get(id)?.end()
    this.receivers.delete(id)
    this.ended.add(id)
    for (const oldest of this.ended) if (this.ended.size > rememberedEnded) this.ended.delete(oldest)
  }

  get(id: string): Receiver | undefined {
    return this.receivers.get(id)
  }

  hasEnded(id: string): boolean {
    return this.ended.has(id)
  }

  /** So many bytes more are held, or fewer. */
  hold(bytes: number): void {
    this.pendingBytes += bytes
  }

  /** Whether so many bytes more would be too many. */
  lacksRoomFor(bytes: number): boolean {
    return this.pendingBytes + bytes > this.maxPendingBytes
  }
}
