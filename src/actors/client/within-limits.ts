import { Observable } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import { subscribeFor } from '../../streams/linked.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { watchSignals } from './watch-signals.js'

/**
 * What middleware made of a call, within the limits of that call also where a middleware never got to it: ends with `timeout` at the
 * deadline and with `cancelled` by a signal. When it ends that way or is unsubscribed, the signal of the call's context is aborted. Cold.
 */
export function withinLimits<T>(
  answers: Observable<T>,
  plan: CallPlan,
  { clock, deadlines }: CallServices,
): Observable<T> {
  const { context, options } = plan
  const { deadline, service, endpoint } = context
  const id = 'headrace.client'
  return new Observable(subscriber => {
    let over = false
    const end = (tell: () => void) => {
      over = true
      tell()
    }
    const stop = (error: ServiceError) => {
      context.abort(error)
      subscriber.error(error)
    }
    const late = () =>
      stop(new ServiceError('timeout', `${service} ${endpoint}: not done before the deadline`, { id }))
    subscriber.add(() => {
      if (!over) context.abort(new ServiceError('cancelled', `${service} ${endpoint}: nobody waits any more`))
    })
    subscriber.add(watchSignals(options, stop))
    if (deadline !== undefined && deadline <= clock.scheduler.now()) late()
    if (subscriber.closed) return
    subscribeFor(subscriber, answers, {
      next: value => subscriber.next(value),
      error: error => end(() => subscriber.error(error)),
      complete: () => end(() => subscriber.complete()),
    })
    // Behind the call's own deadline: where the call has begun, it knows which node did not answer.
    if (deadline !== undefined && !subscriber.closed) subscriber.add(deadlines.add(deadline, late))
  })
}
