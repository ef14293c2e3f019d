import { Observable } from 'rxjs'
import { compose, type Exchange, type Middleware, type Source } from '../../streams/exchange.js'
import { flowFrom } from '../../streams/flow-from.js'
import { createFlow, type Flow } from '../../streams/flow.js'
import type { Cancel } from '../../streams/transport.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { openStream } from './open-stream.js'
import { UnaryCall } from './unary-call.js'

/** The innermost exchange of a unary call: what middleware wraps. */
export function unaryExchange(base: CallPlan, services: CallServices): Exchange {
  return (requests, context) =>
    new Observable(subscriber => {
      let cancel: Cancel = () => undefined
      const subscription = requests.subscribe({
        next: request => {
          const plan = withMetadataOf(base, context.metadata)
          const answer = (value: unknown) => {
            subscriber.next(value)
            subscriber.complete()
          }
          const fail = (error: unknown) => subscriber.error(error)
          cancel = new UnaryCall(plan, request, services, { answer, fail }).start()
        },
        error: error => subscriber.error(error),
      })
      return () => {
        subscription.unsubscribe()
        cancel()
      }
    })
}

/** The innermost exchange of a stream. */
export function streamExchange(base: CallPlan, services: CallServices): Exchange {
  return (requests, context) =>
    createFlow(openStream(withMetadataOf(base, context.metadata), requests, services))
}

/** Runs an exchange with middleware around it. The result is a Flow whatever the middleware returned. */
export function throughMiddleware<O>(
  middleware: readonly Middleware[],
  innermost: Exchange,
  plan: CallPlan,
  requests: Source<unknown>,
): Flow<O> {
  const answers = compose(middleware)(innermost)(flowFrom(requests), plan.context)
  return flowFrom(answers as Observable<O>)
}

/** The same plan with the metadata that a middleware left. */
function withMetadataOf(plan: CallPlan, metadata: CallPlan['context']['metadata']): CallPlan {
  if (metadata === plan.context.metadata) return plan
  return { ...plan, context: plan.context.with(metadata) }
}
