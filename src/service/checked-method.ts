import { EMPTY, defer, switchMap } from 'rxjs'
import { checkedSource } from '../streams/checked-source.js'
import type { CallOptions } from '../streams/client.js'
import type { EndpointDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { createFlow, createReply, deliveriesOf, type Flow, type Reply } from '../streams/flow.js'
import { requestCheck } from './checked-handle.js'

type Call = (input: unknown, options?: CallOptions) => Reply<unknown> | Flow<unknown>

/** A method of a client that checks its requests first, and sends them as they are. */
export function checkedMethod(call: Call, definition: EndpointDefinition): Call {
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
  call: (request: unknown) => ReturnType<Call>,
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
