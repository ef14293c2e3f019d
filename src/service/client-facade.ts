import { defer, finalize, from, switchMap, type Observable } from 'rxjs'
import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions, ClientOf, UntypedClient } from '../streams/client.js'
import type { Delivery } from '../streams/delivery.js'
import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { subscribedEarly } from './subscribed-early.js'
import { createFlow, createReply, deliveriesOf, type Flow, type Reply } from '../streams/flow.js'

/** Where a client comes from: there already, or being loaded by the first call. */
export interface LazyClient {
  readonly ready: Client | undefined
  load(): Promise<Client>
}

/** The client of a service by name: every endpoint by its wire name, untyped. */
export function untypedClient(lazy: LazyClient, service: string): UntypedClient {
  const target = (name: string, cardinality: 'unary' | 'bidi'): CallTarget => ({
    service,
    definition: { name, cardinality },
  })
  return {
    call: <O>(endpoint: string, request: unknown = {}, options: CallOptions = {}) =>
      replyFrom<O>(lazy, client => client.unary<O>(target(endpoint, 'unary'), request, options)),
    stream: <O>(endpoint: string, requests: Source<unknown>, options: CallOptions = {}) =>
      flowFromClient<O>(
        lazy,
        (client, source) => client.stream<O>(target(endpoint, 'bidi'), source, options),
        requests,
      ),
  }
}

/** The client of a definition: a method for each endpoint. */
export function typedClient<D extends ServiceDefinition>(
  lazy: LazyClient,
  service: string,
  definition: D,
): ClientOf<D> {
  const methods = Object.entries(definition).map(([method, endpoint]) => [
    method,
    clientMethod(lazy, service, endpoint),
  ])
  return Object.fromEntries(methods) as ClientOf<D>
}

function clientMethod(lazy: LazyClient, service: string, definition: EndpointDefinition) {
  const target: CallTarget = { service, definition }
  return (input: unknown, options: CallOptions = {}) => {
    switch (definition.cardinality) {
      case 'unary':
        return replyFrom(lazy, client => client.unary(target, input, options))
      case 'clientStream':
        return replyFrom(
          lazy,
          (client, source) => client.collect(target, source, options),
          input as Source<unknown>,
        )
      case 'serverStream':
        return flowFromClient(lazy, (client, source) => client.stream(target, source, options), [input])
      case 'bidi':
        return flowFromClient(
          lazy,
          (client, source) => client.stream(target, source, options),
          input as Source<unknown>,
        )
    }
  }
}

type Open<T> = (client: Client, requests: Source<unknown>) => T

const none: Source<unknown> = []

function replyFrom<O>(lazy: LazyClient, call: Open<Reply<O>>, requests: Source<unknown> = none): Reply<O> {
  if (lazy.ready !== undefined) return call(lazy.ready, requests)
  return createReply(observer => {
    const subscription = whenLoaded(lazy, call, requests).subscribe({
      next: value => observer.answer(value),
      error: error => observer.fail(error),
    })
    return () => subscription.unsubscribe()
  })
}

function flowFromClient<O>(lazy: LazyClient, open: Open<Flow<O>>, requests: Source<unknown>): Flow<O> {
  if (lazy.ready !== undefined) return open(lazy.ready, requests)
  const deliveries: Open<Observable<Delivery<O>>> = (client, source) => {
    const found = deliveriesOf<O>(open(client, source))
    if (found === undefined) throw new ServiceError('internal', 'a client gave a stream that is no Flow')
    return found
  }
  return createFlow(whenLoaded(lazy, deliveries, requests))
}

/** The first call loads what a client needs; requests that are pushed meanwhile are kept. */
function whenLoaded<T>(
  lazy: LazyClient,
  open: Open<Observable<T>>,
  requests: Source<unknown>,
): Observable<T> {
  return defer(() => {
    const early = subscribedEarly(requests)
    return from(lazy.load()).pipe(
      switchMap(client => open(client, early.source)),
      finalize(() => early.stop()),
    )
  })
}
