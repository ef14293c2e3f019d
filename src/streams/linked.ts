import { Subscriber, type Observable, type Observer, type Subscription } from 'rxjs'

/**
 * Subscribes on behalf of `owner`, so that ending the owner stops also a source that emits synchronously, before
 * `subscribe` has returned. Nothing catches what `observer` throws: its methods guard foreign code themselves.
 */
export function subscribeFor<T>(
  owner: Subscription,
  source: Observable<T>,
  observer: Observer<T>,
): Subscription {
  // A plain `subscribe(observer)` gives the subscription away only after the source has emitted all it has at once.
  const linked = new Subscriber<T>(observer)
  owner.add(linked)
  if (!linked.closed) source.subscribe(linked)
  return linked
}
