import { Observable } from 'rxjs'
import type { Delivery } from '../../streams/delivery.js'
import { ServiceError } from '../../streams/errors.js'
import type { Source } from '../../streams/exchange.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { openChannel, type OpenedChannel } from './open-channel.js'
import { StreamCall } from './stream-call.js'
import { watchSignals } from './watch-signals.js'

/**
 * One stream of a plan: chooses a node, connects, sends and receives. Cold. Emits the answers as deliveries. Completes or errors as the peer says, with `timeout`
 * at a deadline, with `cancelled` by a signal. Unsubscribing cancels the stream. Unacked answers hold up the peer.
 */
export function openStream<O>(
  plan: CallPlan,
  requests: Source<unknown>,
  services: CallServices,
): Observable<Delivery<O>> {
  return new Observable(subscriber => {
    const { deadline, service, endpoint } = plan.context
    const late = () =>
      subscriber.error(
        new ServiceError('timeout', `${service} ${endpoint}: the stream went on past its deadline`),
      )
    const cancelDeadline = deadline === undefined ? undefined : services.deadlines.add(deadline, late)
    const unwatch = watchSignals(plan.options, error => subscriber.error(error))
    const call = new StreamCall<O>(plan, requests, services, subscriber)
    let report: OpenedChannel['report'] = () => undefined
    const opening = openChannel(plan, services).subscribe({
      next: opened => {
        report = opened.report
        call.attach(opened.channel)
      },
      error: error => subscriber.error(error),
    })
    return () => {
      cancelDeadline?.()
      unwatch?.()
      opening.unsubscribe()
      call.cancel()
      report()
    }
  })
}
