import { Subscription, take, type Observable } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Snapshot } from '../../streams/snapshot.js'

/** Who waits for the first snapshot of a service. One of the two is called, once. */
export interface SnapshotWaiter {
  known(snapshot: Snapshot): void
  fail(error: ServiceError): void
}

interface Queue {
  readonly waiters: Set<SnapshotWaiter>
  readonly source: Subscription
}

/** How many callers may wait for one service. */
const maxWaiting = 65_536

/** Lets callers wait for first snapshots, at the price of one subscription for each service: thousands may start in one turn. */
export class SnapshotWaiters {
  private readonly queues = new Map<string, Queue>()
  private closed = false

  constructor(private readonly snapshots: (service: string) => Observable<Snapshot>) {}

  /** Waits; what it returns gives up. Fails with `resource_exhausted` when 65,536 callers wait for the service already. */
  wait(service: string, waiter: SnapshotWaiter): () => void {
    if (this.closed) {
      waiter.fail(wasClosed(service))
      return () => undefined
    }
    const known = this.queues.get(service)
    if (known !== undefined && known.waiters.size >= maxWaiting) {
      waiter.fail(crowded(service))
      return () => undefined
    }
    const queue = known ?? { waiters: new Set(), source: new Subscription() }
    queue.waiters.add(waiter)
    if (known === undefined) this.open(service, queue)
    return () => this.giveUp(service, queue, waiter)
  }

  /** Fails all who wait, and who comes later. */
  close(): void {
    this.closed = true
    for (const [service, queue] of [...this.queues])
      this.settle(service, queue, waiter => waiter.fail(wasClosed(service)))
  }

  private open(service: string, queue: Queue): void {
    this.queues.set(service, queue)
    queue.source.add(
      this.snapshots(service)
        .pipe(take(1))
        .subscribe({
          next: snapshot => this.settle(service, queue, each => each.known(snapshot)),
          error: (reason: unknown) =>
            this.settle(service, queue, each => each.fail(ServiceError.from(reason))),
          complete: () => this.settle(service, queue, each => each.fail(wasClosed(service))),
        }),
    )
  }

  /** Who is called may start another wait: that is one for the next snapshot, so the queue is closed first. */
  private settle(service: string, queue: Queue, call: (waiter: SnapshotWaiter) => void): void {
    if (this.queues.get(service) !== queue) return
    this.queues.delete(service)
    for (const waiter of queue.waiters) call(waiter)
    queue.source.unsubscribe()
  }

  private giveUp(service: string, queue: Queue, waiter: SnapshotWaiter): void {
    queue.waiters.delete(waiter) // also while its queue is being settled: then it is not called any more
    if (queue.waiters.size > 0 || this.queues.get(service) !== queue) return
    this.queues.delete(service)
    queue.source.unsubscribe()
  }
}

function crowded(service: string): ServiceError {
  return new ServiceError(
    'resource_exhausted',
    `service ${service}: ${maxWaiting} callers wait already for the registry's first answer; try later`,
  )
}

function wasClosed(service: string): ServiceError {
  return new ServiceError('unavailable', `service ${service}: the selector was closed`)
}
