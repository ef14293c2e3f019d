import { Subscription, type Observable, type Observer } from 'rxjs'

/**
 * Subscribes on behalf of `owner`, so that ending the owner stops also a source that emits synchronously, before
 * `subscribe` has returned. Nothing catches what `observer` throws: its methods guard foreign code themselves.
 */
export function subscribeFor<T>(owner: Subscription, source: Observable<T>, observer: Observer<T>): void {
  const linked = new LinkedObserver(observer)
  owner.add(linked)
  if (!linked.closed) source.subscribe(linked)
}

// RxJS takes an observer that is also a subscription as it is. It would wrap a plain observer in a subscriber which the caller
// gets to know only after the source has emitted all it has at once.
class LinkedObserver<T> extends Subscription implements Observer<T> {
  private ended = false

  constructor(private readonly observer: Observer<T>) {
    super()
  }

  next(value: T): void {
    if (!this.ended && !this.closed) this.observer.next(value)
  }

  error(error: unknown): void {
    this.end(() => this.observer.error(error))
  }

  complete(): void {
    this.end(() => this.observer.complete())
  }

  private end(tell: () => void): void {
    if (this.ended || this.closed) return
    this.ended = true
    try {
      tell()
    } finally {
      this.unsubscribe()
    }
  }
}
