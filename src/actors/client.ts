import { Observable, Subscription } from 'rxjs'
import type { CallOptions } from '../streams/client.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import type { Middleware, Source } from '../streams/exchange.js'
import {
  createFlow,
  createReply,
  deliveriesOf,
  type Flow,
  type Reply,
  type ReplyObserver,
} from '../streams/flow.js'
import { subscribeFor } from '../streams/linked.js'
import type { Cancel } from '../streams/transport.js'
import { planCall, type CallDefaults, type CallTarget } from './client/call-plan.js'
import type { CallServices } from './client/call-services.js'
import { streamExchange, throughMiddleware, unaryExchange } from './client/exchanges.js'
import { openStream } from './client/open-stream.js'
import { UnaryCall } from './client/unary-call.js'
import { withinLimits } from './client/within-limits.js'

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
export function createClient(options: ClientOptions): Client {
  return new RuntimeClient(options)
}

class RuntimeClient implements Client {
  constructor(private readonly options: ClientOptions) {}

  unary<O>(target: CallTarget, request: unknown, options: CallOptions = {}): Reply<O> {
    // Not through `guarded`: one closure less for each call.
    return createReply(observer => {
      try {
        return this.call(target, request, options, observer)
      } catch (failure) {
        return notStarted(observer, failure)
      }
    })
  }

  collect<O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}): Reply<O> {
    const { name } = target.definition
    return createReply(observer =>
      guarded(observer, () => onlyValue(this.stream<O>(target, requests, options), name, observer)),
    )
  }

  stream<O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}): Flow<O> {
    return createFlow(
      new Observable(subscriber => this.open<O>(target, requests, options).subscribe(subscriber)),
    )
  }

  private call<O>(
    target: CallTarget,
    request: unknown,
    options: CallOptions,
    observer: ReplyObserver<O>,
  ): Cancel {
    const { services, middleware } = this.options
    const plan = this.plan(target, options, 'call')
    // Without middleware none is paid for.
    if (middleware.length === 0) return new UnaryCall(plan, request, services, observer).start()
    const answers = throughMiddleware<O>(middleware, unaryExchange(plan, services), plan, [request])
    return onlyValue(withinLimits(answers, plan, services), target.definition.name, observer)
  }

  private open<O>(
    target: CallTarget,
    requests: Source<unknown>,
    options: CallOptions,
  ): Observable<Delivery<O>> {
    const { services, middleware } = this.options
    const plan = this.plan(target, options, 'stream')
    if (middleware.length === 0) return openStream<O>(plan, requests, services)
    const answers = throughMiddleware<O>(middleware, streamExchange(plan, services), plan, requests)
    const deliveries = deliveriesOf<O>(answers)
    if (deliveries === undefined) throw new ServiceError('internal', 'a Flow without deliveries')
    return withinLimits(deliveries, plan, services)
  }

  private plan(target: CallTarget, options: CallOptions, kind: 'call' | 'stream') {
    const { services, defaults } = this.options
    return planCall(target, options, defaults, services.formats, services.clock, kind)
  }
}

/** A failure to start is a failure of the operation. */
function guarded<O>(observer: ReplyObserver<O>, start: () => Cancel): Cancel {
  try {
    return start()
  } catch (failure) {
    return notStarted(observer, failure)
  }
}

function notStarted<O>(observer: ReplyObserver<O>, failure: unknown): Cancel {
  observer.fail(ServiceError.from(failure))
  return () => undefined
}

/** The one value of a stream: none, or a second, is an error of the peer. */
function onlyValue<O>(answers: Observable<O>, endpoint: string, observer: ReplyObserver<O>): Cancel {
  let answer: { readonly value: O } | undefined
  const subscription = new Subscription()
  const broken = (what: string) => observer.fail(new ServiceError('internal', `${endpoint}: ${what}`))
  subscribeFor(subscription, answers, {
    next: value => {
      if (answer === undefined) answer = { value }
      else {
        subscription.unsubscribe()
        broken('more than one answer came')
      }
    },
    error: error => observer.fail(error),
    complete: () => {
      if (answer === undefined) broken('no answer came')
      else observer.answer(answer.value)
    },
  })
  return () => subscription.unsubscribe()
}
