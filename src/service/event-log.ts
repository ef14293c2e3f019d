import { concat, from, map, type Observable } from 'rxjs'
import type { Clock } from '../streams/clock.js'
import { bounded } from '../streams/operators/bounded.js'
import type { ServiceEvent } from './events.js'

/** What a caller of `Debug.Log` asks for. */
export interface LogRequest {
  /** Go on with what is told from now on. */
  readonly stream: boolean
  /** How many of the latest; 0: all that are kept. */
  readonly count: bigint
  /** Not those before this time, in seconds since 1970. */
  readonly since: bigint
}

/** One line of a log, as `Debug.Log` sends it. */
export interface LogRecord {
  /** Seconds since 1970. */
  readonly timestamp: bigint
  readonly value: string
  readonly metadata: Readonly<Record<string, string>>
}

/** How many lines are kept, and may wait for one reader; the oldest go first. */
const kept = 256

/** The latest events of a service, as lines of a log. */
export class EventLog {
  private readonly lines: LogRecord[] = []
  private readonly subscription

  constructor(
    private readonly events: Observable<ServiceEvent>,
    private readonly clock: Clock,
  ) {
    const keep = (event: ServiceEvent) => {
      this.lines.push(this.line(event))
      if (this.lines.length > kept) this.lines.shift()
    }
    // The events of a service never error.
    this.subscription = events.subscribe({ next: keep, error: () => undefined })
  }

  /** The lines that were asked for, oldest first. A reader who is slow misses the oldest. */
  records({ stream, count, since }: LogRequest): Observable<LogRecord> | readonly LogRecord[] {
    const fresh = this.lines.filter(({ timestamp }) => timestamp >= since)
    const asked = count > 0n ? fresh.slice(-Number(count)) : fresh
    if (!stream) return asked
    return concat(from(asked), this.events.pipe(map(event => this.line(event)))).pipe(
      bounded(kept, 'drop-oldest'),
    )
  }

  close(): void {
    this.subscription.unsubscribe()
  }

  private line({ level, source, text }: ServiceEvent): LogRecord {
    const timestamp = BigInt(Math.floor(this.clock.scheduler.now() / 1_000))
    return { timestamp, value: text, metadata: { level, source } }
  }
}
