import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions, ClientOf, UntypedClient } from '../streams/client.js'
import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import type { Source } from '../streams/exchange.js'
import type { Flow, Reply } from '../streams/flow.js'

/** The client of a service by name: every endpoint by its wire name, untyped. */
export function untypedClient(client: Client, service: string): UntypedClient {
  const target = (name: string, cardinality: 'unary' | 'bidi'): CallTarget => ({
    service,
    definition: { name, cardinality },
  })
  return {
    call: <O>(endpoint: string, request: unknown = {}, options?: CallOptions) =>
      client.unary<O>(target(endpoint, 'unary'), request, options),
    stream: <O>(endpoint: string, requests: Source<unknown>, options?: CallOptions) =>
      client.stream<O>(target(endpoint, 'bidi'), requests, options),
  }
}

/** A method of a client as its definition says it. */
export type MethodCall = (input: unknown, options?: CallOptions) => Reply<unknown> | Flow<unknown>

/** Puts something in front of a method. */
export type PrepareMethod = (call: MethodCall, definition: EndpointDefinition) => MethodCall

/** The client of a definition: a method for each endpoint, with what `prepare` puts in front of it. */
export function typedClient<D extends ServiceDefinition>(
  client: Client,
  service: string,
  definition: D,
  prepare: PrepareMethod = call => call,
): ClientOf<D> {
  const methods = Object.entries(definition).map(([method, endpoint]) => [
    method,
    prepare(clientMethod(client, service, endpoint), endpoint),
  ])
  return Object.fromEntries(methods) as ClientOf<D>
}

function clientMethod(client: Client, service: string, definition: EndpointDefinition): MethodCall {
  const target: CallTarget = { service, definition }
  return (input, options) => {
    switch (definition.cardinality) {
      case 'unary':
        return client.unary(target, input, options)
      case 'clientStream':
        return client.collect(target, input as Source<unknown>, options)
      case 'serverStream':
        return client.stream(target, [input], options)
      case 'bidi':
        return client.stream(target, input as Source<unknown>, options)
    }
  }
}
