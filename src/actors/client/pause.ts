import { Observable } from 'rxjs'
import type { CallServices } from './call-services.js'

/**
 * The wait before a repetition (numbered from 0). Cold. Emits once and completes; errors when the client closes, which ends the wait. Unsubscribing
 * ends it too.
 */
export function pause(
  repetition: number,
  { backoff, clock, closing }: Pick<CallServices, 'backoff' | 'clock' | 'closing'>,
): Observable<void> {
  return new Observable(subscriber => {
    subscriber.add(closing.subscribe({ error: (failure: unknown) => subscriber.error(failure) }))
    if (subscriber.closed) return
    const over = () => {
      subscriber.next()
      subscriber.complete()
    }
    subscriber.add(clock.scheduler.schedule(over, backoff(repetition)))
  })
}
