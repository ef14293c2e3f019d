import { Observable } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import { compose, type Exchange, type Middleware, type Source } from '../../streams/exchange.js'
import { flowFrom } from '../../streams/flow-from.js'
import { createFlow, type Flow } from '../../streams/flow.js'
import { subscribeFor } from '../../streams/linked.js'
import type { CallPlan } from './call-plan.js'
import type { CallServices } from './call-services.js'
import { openStream } from './open-stream.js'
import { UnaryCall } from './unary-call.js'

/** The innermost exchange of a unary call: what middleware wraps. */
export function unaryExchange(base: CallPlan, services: CallServices): Exchange {
  return (requests, context) =>
    new Observable(subscriber => {
      const broken = (what: string) => new ServiceError('bad_request', `${context.endpoint}: ${what}`)
      const answer = (value: unknown) => {
        subscriber.next(value)
        subscriber.complete()
      }
      const fail = (error: unknown) => subscriber.error(error)
      let called = false
      subscribeFor(subscriber, requests, {
        next: request => {
          if (called) return fail(broken('a middleware made more than one request of one'))
          called = true
          const plan = withMetadataOf(base, context.metadata)
          subscriber.add(new UnaryCall(plan, request, services, { answer, fail }).start())
        },
        error: fail,
        complete: () => {
          if (!called) fail(broken('a middleware took the request away and gave no answer'))
        },
      })
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
