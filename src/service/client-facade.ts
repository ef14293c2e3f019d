import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions, ClientOf, UntypedClient } from '../streams/client.js'
import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import type { Source } from '../streams/exchange.js'
import { flag, resolveOptions, type OptionRules } from '../streams/options.js'
import { checkedMethod } from './checked-method.js'
import type { ClientOptions } from './service-types.js'

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

const rules: OptionRules<Required<ClientOptions>> = { checkRequests: flag(false) }

/** The client of a definition: a method for each endpoint. */
export function typedClient<D extends ServiceDefinition>(
  client: Client,
  service: string,
  definition: D,
  options?: ClientOptions,
): ClientOf<D> {
  const { checkRequests } = resolveOptions('client', options, rules)
  const methods = Object.entries(definition).map(([method, endpoint]) => {
    const call = clientMethod(client, service, endpoint)
    return [
      method,
      checkRequests && endpoint.requestSchema !== undefined ? checkedMethod(call, endpoint) : call,
    ]
  })
  return Object.fromEntries(methods) as ClientOf<D>
}

function clientMethod(client: Client, service: string, definition: EndpointDefinition) {
  const target: CallTarget = { service, definition }
  return (input: unknown, options?: CallOptions) => {
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
