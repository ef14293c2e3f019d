import { EMPTY, defer, switchMap } from 'rxjs'
import { checkedSource } from '../streams/checked-source.js'
import type { EndpointDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { createFlow, createReply, deliveriesOf, type Flow, type Reply } from '../streams/flow.js'
import { flag, resolveOptions, type OptionRules } from '../streams/options.js'
import { requestCheck } from './checked-handle.js'
import type { MethodCall, PrepareMethod } from './client-facade.js'
import type { ClientOptions } from './service-types.js'

const rules: OptionRules<Required<ClientOptions>> = { checkRequests: flag(false) }

/** What the options of a client put in front of its methods. Throws `bad_request` for a wrong option. */
export function clientChecks(options: ClientOptions | undefined): PrepareMethod {
  const { checkRequests } = resolveOptions('client', options, rules)
  return (call, definition) =>
    checkRequests && definition.requestSchema !== undefined ? checkedMethod(call, definition) : call
}

/** A method of a client that checks its requests first, and sends them as they are. */
function checkedMethod(call: MethodCall, definition: EndpointDefinition): MethodCall {
  const check = requestCheck(definition)
  const checkedRequest = async (request: unknown): Promise<unknown> => {
    await check(request)
    return request
  }
  return (input, options) => {
    switch (definition.cardinality) {
      case 'unary':
        return checkedReply(checkedRequest, input, request => call(request, options))
      case 'serverStream':
        return createFlow(
          defer(() => checkedRequest(input)).pipe(
            switchMap(request => deliveriesOf(call(request, options) as Flow<unknown>) ?? EMPTY),
          ),
        )
      case 'clientStream':
      case 'bidi':
        return call(checkedSource(input as Source<unknown>, checkedRequest), options)
    }
  }
}

function checkedReply(
  check: (request: unknown) => Promise<unknown>,
  input: unknown,
  call: (request: unknown) => ReturnType<MethodCall>,
): Reply<unknown> {
  return createReply(observer => {
    const subscription = defer(() => check(input))
      .pipe(switchMap(call))
      .subscribe({
        next: answer => observer.answer(answer),
        error: error => observer.fail(ServiceError.from(error)),
      })
    return () => subscription.unsubscribe()
  })
}
