import { NEVER, Subscription, catchError, of, startWith, type Observable } from 'rxjs'
import type { Clock } from '../../streams/clock.js'
import { ServiceError } from '../../streams/errors.js'
import type { Filter, LiveFilter } from '../../streams/selector.js'
import { IdleTable } from '../idle-table.js'

/** Lets every node pass. */
export const passAll: Filter = () => true

interface Followed {
  latest: Filter
  readonly subscription: Subscription
}

/** Keeps the present function of each live filter in use, so that it can be read synchronously. */
export class LiveFilters {
  private readonly followed: IdleTable<LiveFilter, Followed>

  constructor(
    clock: Clock,
    idleMs: number,
    private readonly maxFilters: number,
    private readonly report: (error: ServiceError) => void,
  ) {
    this.followed = new IdleTable(clock, idleMs, ({ subscription }) => subscription.unsubscribe())
  }

  /** What the filter says now. Subscribes to a live one at its first use; of too many the oldest is forgotten. */
  present(filter: Filter | LiveFilter): Filter {
    if (typeof filter === 'function') return filter
    return (this.followed.get(filter) ?? this.follow(filter)).latest
  }

  /** Each function of the filter. Cold; the first comes at once. Never errors: what happens to the filter is reported, and its last function stays. */
  changes(filter: Filter | LiveFilter): Observable<Filter> {
    if (typeof filter === 'function') return of(filter)
    return filter.pipe(
      catchError((reason: unknown) => {
        const error = ServiceError.from(reason)
        this.report(new ServiceError(error.kind, `live filter: ${error.message}`, { cause: reason }))
        return NEVER
      }),
      startWith(passAll),
    )
  }

  /** Unsubscribes from all. */
  close(): void {
    this.followed.clear()
  }

  private follow(filter: LiveFilter): Followed {
    if (this.followed.size >= this.maxFilters) this.followed.deleteOldest()
    const followed: Followed = { latest: passAll, subscription: new Subscription() }
    this.followed.add(filter, followed)
    const next = (latest: Filter) => (followed.latest = latest)
    followed.subscription.add(this.changes(filter).subscribe({ next, error: () => undefined })) // changes() has no errors
    return followed
  }
}
