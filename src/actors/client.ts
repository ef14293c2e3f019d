import { Observable, from } from 'rxjs'
import type { CallOptions } from '../streams/client.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import { compose, type Exchange, type Middleware, type Source } from '../streams/exchange.js'
import {
  createFlow,
  createReply,
  deliveriesOf,
  type Flow,
  type Reply,
  type ReplyObserver,
} from '../streams/flow.js'
import { flowFrom } from '../streams/flow-from.js'
import type { Cancel } from '../streams/transport.js'
import { planCall, type CallDefaults, type CallPlan, type CallTarget } from './client/call-plan.js'
import type { CallServices } from './client/call-services.js'
import { openChannel, type OpenedChannel } from './client/open-channel.js'
import { StreamCall } from './client/stream-call.js'
import { UnaryCall } from './client/unary-call.js'
import { watchSignals } from './client/watch-signals.js'

/** What a client needs. */
export interface ClientOptions {
  readonly services: CallServices
  readonly defaults: CallDefaults
  /** The first listed is the outermost. */
  readonly middleware: readonly Middleware[]
}

/** Calls endpoints of other services. */
export interface Client {
  /** One request, one answer. */
  unary<O>(target: CallTarget, request: unknown, options?: CallOptions): Reply<O>
  /** Many requests, one answer. */
  collect<O>(target: CallTarget, requests: Source<unknown>, options?: CallOptions): Reply<O>
  /** Many requests, many answers; a server stream has one request. */
  stream<O>(target: CallTarget, requests: Source<unknown>, options?: CallOptions): Flow<O>
}

/** A client over a selector and a pool. Nothing happens until something it returned is awaited or subscribed. */
export function createClient({ services, defaults, middleware }: ClientOptions): Client {
  const plan = (target: CallTarget, options: CallOptions, kind: 'call' | 'stream') =>
    planCall(target, options, defaults, services.formats, services.clock, kind)

  const unary = <O>(
    target: CallTarget,
    request: unknown,
    options: CallOptions,
    observer: ReplyObserver<O>,
  ): Cancel => {
    if (middleware.length > 0) {
      const flow = createFlow(withMiddleware<O>(plan(target, options, 'call'), [request], unaryExchange))
      return singleOf(flow, target, observer)
    }
    return new UnaryCall(plan(target, options, 'call'), request, services, observer).start()
  }

  /** The innermost exchange of a unary call: what middleware wraps. */
  const unaryExchange =
    (base: CallPlan): Exchange =>
    (requests, context) =>
      new Observable(subscriber => {
        let cancel: Cancel = () => undefined
        const subscription = requests.subscribe({
          next: request => {
            const observer: ReplyObserver<unknown> = {
              answer: value => {
                subscriber.next(value)
                subscriber.complete()
              },
              fail: error => subscriber.error(error),
            }
            cancel = new UnaryCall(rebase(base, context.metadata), request, services, observer).start()
          },
          error: error => subscriber.error(error),
        })
        return () => {
          subscription.unsubscribe()
          cancel()
        }
      })

  const streamExchange =
    (base: CallPlan): Exchange =>
    (requests, context) =>
      createFlow(openStream(rebase(base, context.metadata), requests, services))

  const withMiddleware = <O>(
    base: CallPlan,
    requests: Source<unknown>,
    innermost: (base: CallPlan) => Exchange,
  ): Observable<Delivery<O>> => {
    const answers = compose(middleware)(innermost(base))(flowFrom(requests), base.context)
    return deliveries(flowFrom(answers as Observable<O>))
  }

  const stream = <O>(target: CallTarget, requests: Source<unknown>, options: CallOptions): Flow<O> =>
    createFlow(
      new Observable<Delivery<O>>(subscriber => {
        const base = plan(target, options, 'stream')
        const source =
          middleware.length > 0
            ? withMiddleware<O>(base, requests, streamExchange)
            : openStream<O>(base, requests, services)
        return source.subscribe(subscriber)
      }),
    )

  return {
    unary: (target, request, options = {}) =>
      createReply(guarded(observer => unary(target, request, options, observer))),
    collect: <O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}) =>
      createReply<O>(guarded(observer => singleOf(stream<O>(target, requests, options), target, observer))),
    stream: (target, requests, options = {}) => stream(target, requests, options),
  }
}

/** A failure to start is a failure of the operation. */
function guarded<O>(start: (observer: ReplyObserver<O>) => Cancel): (observer: ReplyObserver<O>) => Cancel {
  return observer => {
    try {
      return start(observer)
    } catch (failure) {
      observer.fail(ServiceError.from(failure))
      return () => undefined
    }
  }
}

function deliveries<T>(flow: Flow<T>): Observable<Delivery<T>> {
  const found = deliveriesOf<T>(flow)
  if (found === undefined) throw new ServiceError('internal', 'a Flow without deliveries')
  return found
}

/** The same plan with the metadata that a middleware left. */
function rebase(plan: CallPlan, metadata: CallPlan['context']['metadata']): CallPlan {
  if (metadata === plan.context.metadata) return plan
  return { ...plan, context: plan.context.with(metadata) }
}

function openStream<O>(
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

/** The one value of a stream: none, or a second, is an error of the peer. */
function singleOf<O>(flow: Observable<O>, { definition }: CallTarget, observer: ReplyObserver<O>): Cancel {
  let answer: { readonly value: O } | undefined
  const subscription = from(flow).subscribe({
    next: value => {
      if (answer !== undefined) {
        observer.fail(new ServiceError('internal', `${definition.name}: more than one answer came`))
        subscription.unsubscribe()
      }
      answer = { value }
    },
    error: error => observer.fail(error),
    complete: () => {
      if (answer === undefined)
        observer.fail(new ServiceError('internal', `${definition.name}: no answer came`))
      else observer.answer(answer.value)
    },
  })
  return () => subscription.unsubscribe()
}
