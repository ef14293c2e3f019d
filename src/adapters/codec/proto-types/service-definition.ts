import type { Method, Service, Type } from 'protobufjs'
import {
  ServiceError,
  type Cardinality,
  type EndpointDefinition,
  type ServiceDefinition,
  type TypeRef,
} from '../../../streams/index.js'
import { fullName } from './describe-root.js'

/** The endpoints of a service by their TypeScript names: the `.proto`'s with a small first letter. */
export function serviceDefinition(service: Service, typeOf: (name: string) => TypeRef): ServiceDefinition {
  const definitions = service.methodsArray.map(method => {
    method.resolve()
    const { name, requestType, responseType } = method
    const definition: EndpointDefinition = {
      name: `${service.name}.${name}`,
      cardinality: cardinalityOf(method),
      request: typeOf(resolved(method.resolvedRequestType, requestType)),
      response: typeOf(resolved(method.resolvedResponseType, responseType)),
      idempotent: isIdempotent(method),
    }
    return [name.charAt(0).toLowerCase() + name.slice(1), definition] as const
  })
  return Object.fromEntries(definitions)
}

function cardinalityOf({ requestStream, responseStream }: Method): Cardinality {
  if (requestStream === true) return responseStream === true ? 'bidi' : 'clientStream'
  return responseStream === true ? 'serverStream' : 'unary'
}

/** The standard option of a method: `option idempotency_level = IDEMPOTENT;` or `NO_SIDE_EFFECTS`. */
function isIdempotent({ options }: Method): boolean {
  const level: unknown = options?.['idempotency_level']
  return level === 'IDEMPOTENT' || level === 'NO_SIDE_EFFECTS'
}

function resolved(type: Type | null, name: string): string {
  if (type === null) throw new ServiceError('not_found', `no message '${name}' in the loaded .proto files`)
  return fullName(type)
}
