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

/** Lets any number of callers wait for first snapshots, at the price of one subscription for each service: thousands may start in one turn. */
export class SnapshotWaiters {
  private readonly queues = new Map<string, Queue>()
  private closed = false

  constructor(private readonly snapshots: (service: string) => Observable<Snapshot>) {}

  /** Waits; what it returns gives up. */
  wait(service: string, waiter: SnapshotWaiter): () => void {
    const queue = this.queues.get(service)
    if (this.closed) waiter.fail(wasClosed(service))
    else if (queue !== undefined) queue.waiters.add(waiter)
    else this.open(service, waiter)
    return () => this.giveUp(service, waiter)
  }

  /** Fails all who wait, and who comes later. */
  close(): void {
    this.closed = true
    for (const service of [...this.queues.keys()])
      this.settle(service, waiter => waiter.fail(wasClosed(service)))
  }

  private open(service: string, waiter: SnapshotWaiter): void {
    const queue = { waiters: new Set([waiter]), source: new Subscription() }
    this.queues.set(service, queue)
    queue.source.add(
      this.snapshots(service)
        .pipe(take(1))
        .subscribe({
          next: snapshot => this.settle(service, each => each.known(snapshot)),
          error: (reason: unknown) => this.settle(service, each => each.fail(ServiceError.from(reason))),
          complete: () => this.settle(service, each => each.fail(wasClosed(service))),
        }),
    )
  }

  /** Who is called may start another wait: that is one for the next snapshot, so the queue is closed first. */
  private settle(service: string, call: (waiter: SnapshotWaiter) => void): void {
    const queue = this.queues.get(service)
    if (queue === undefined) return
    this.queues.delete(service)
    for (const waiter of queue.waiters) call(waiter)
    queue.source.unsubscribe()
  }

  private giveUp(service: string, waiter: SnapshotWaiter): void {
    const queue = this.queues.get(service)
    if (queue?.waiters.delete(waiter) !== true || queue.waiters.size > 0) return
    this.queues.delete(service)
    queue.source.unsubscribe()
  }
}

function wasClosed(service: string): ServiceError {
  return new ServiceError('unavailable', `service ${service}: the selector was closed`)
}
