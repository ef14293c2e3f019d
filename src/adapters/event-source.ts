import { Subject, type Observable } from 'rxjs'
import type { AdapterEvent, Clock, ServiceError } from '../streams/index.js'

const windowMs = 1_000
const perWindow = 20

/**
 * The `events` of an adapter. At most 20 notices and faults go out in a second; those beyond are counted, and the number is a
 * notice of its own. So a stranger who sends garbage cannot flood a log.
 */
export class EventSource {
  private readonly told = new Subject<AdapterEvent>()
  private windowEnd = -Infinity
  private inWindow = 0
  private dropped = 0

  /** As {@link Adapter.events} says. */
  readonly events: Observable<AdapterEvent> = this.told.asObservable()

  constructor(
    private readonly adapter: string,
    private readonly clock: Clock,
  ) {}

  /** A listener is bound at `address`. */
  listening(address: string): void {
    this.told.next({ kind: 'listening', adapter: this.adapter, address })
  }

  notice(text: string): void {
    if (this.admit()) this.told.next({ kind: 'notice', adapter: this.adapter, text })
  }

  fault(error: ServiceError): void {
    if (this.admit()) this.told.next({ kind: 'fault', adapter: this.adapter, error })
  }

  /** The last word: what was dropped is told, then `events` completes. */
  complete(): void {
    this.tellDropped()
    this.told.complete()
  }

  private admit(): boolean {
    const now = this.clock.scheduler.now()
    if (now >= this.windowEnd) {
      this.tellDropped()
      this.windowEnd = now + windowMs
      this.inWindow = 0
    }
    this.inWindow += 1
    if (this.inWindow <= perWindow) return true
    this.dropped += 1
    return false
  }

  private tellDropped(): void {
    const { adapter, dropped } = this
    this.dropped = 0
    if (dropped > 0)
      this.told.next({ kind: 'notice', adapter, text: `${dropped} more events were not shown` })
  }
}
