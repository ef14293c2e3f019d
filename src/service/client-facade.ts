import { defer, from, switchMap } from 'rxjs'
import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions, ClientOf, UntypedClient } from '../streams/client.js'
import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
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
      flowFromClient<O>(lazy, client => client.stream<O>(target(endpoint, 'bidi'), requests, options)),
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
        return replyFrom(lazy, client => client.collect(target, input as Source<unknown>, options))
      case 'serverStream':
        return flowFromClient(lazy, client => client.stream(target, [input], options))
      case 'bidi':
        return flowFromClient(lazy, client => client.stream(target, input as Source<unknown>, options))
    }
  }
}

function replyFrom<O>(lazy: LazyClient, call: (client: Client) => Reply<O>): Reply<O> {
  if (lazy.ready !== undefined) return call(lazy.ready)
  return createReply(observer => {
    const subscription = from(lazy.load())
      .pipe(switchMap(call))
      .subscribe({ next: value => observer.answer(value), error: error => observer.fail(error) })
    return () => subscription.unsubscribe()
  })
}

function flowFromClient<O>(lazy: LazyClient, open: (client: Client) => Flow<O>): Flow<O> {
  if (lazy.ready !== undefined) return open(lazy.ready)
  const deliveries = (client: Client) => {
    const found = deliveriesOf<O>(open(client))
    if (found === undefined) throw new ServiceError('internal', 'a client gave a stream that is no Flow')
    return found
  }
  return createFlow(defer(() => from(lazy.load()).pipe(switchMap(deliveries))))
}
