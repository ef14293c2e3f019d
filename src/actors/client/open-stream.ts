import { Observable } from 'rxjs'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Source } from '../../streams/exchange.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { openChannel } from './open-channel.js'
import { StreamCall } from './stream-call.js'
import { watchSignals } from './watch-signals.js'

/**
 * One stream of a plan: chooses a node, connects, sends and receives. Cold. Emits the answers as deliveries. Completes or errors as the peer says, with `timeout`
 * at a deadline or when it takes too long to open, with `cancelled` by a signal. Unsubscribing cancels the stream. Unacked answers hold up the peer.
 */
export function openStream<O>(
  plan: CallPlan,
  requests: Source<unknown>,
  services: CallServices,
): Observable<Delivery<O>> {
  const { deadline, service, endpoint } = plan.context
  const { clock, deadlines } = services
  const late = (what: string) =>
    new ServiceError('timeout', `${service} ${endpoint}: ${what}`, { id: 'headrace.client' })
  return new Observable(subscriber => {
    const fail = (error: unknown) => subscriber.error(error)
    subscriber.add(watchSignals(plan.options, fail))
    if (subscriber.closed) return
    const now = clock.scheduler.now()
    if (deadline !== undefined && deadline <= now) return fail(late('the deadline has passed'))
    if (deadline !== undefined) {
      subscriber.add(deadlines.add(deadline, () => fail(late('the stream went on past its deadline'))))
    }
    const call = new StreamCall<O>(plan, requests, services, subscriber)
    subscriber.add(() => call.cancel())
    if (subscriber.closed) return
    const slow = () => fail(late(`the stream was not open after ${plan.openWithinMs} ms`))
    const cancelSlow = deadlines.add(now + plan.openWithinMs, slow)
    subscriber.add(cancelSlow)
    subscriber.add(
      openChannel(plan, services).subscribe({
        next: opened => {
          cancelSlow()
          subscriber.add(() => opened.report())
          call.attach(opened)
        },
        error: fail,
      }),
    )
  })
}
