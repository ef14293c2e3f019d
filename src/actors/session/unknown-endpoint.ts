import { ServiceError } from '../../streams/errors.js'
import type { EndpointTable } from './endpoint-table.js'

/** The error of a call for an endpoint that is not served, in the words of go-micro (PROTOCOL section 2.6). */
export function unknownEndpoint(
  name: string,
  { service, endpoints }: { readonly service: string; readonly endpoints: EndpointTable },
): ServiceError {
  const [group = '', , ...more] = name.split('.')
  const init = { id: service }
  if (!name.includes('.') || more.length > 0) {
    return new ServiceError('bad_request', `rpc: service/method request ill-formed: ${name}`, init)
  }
  const known = [...endpoints.keys()].some(each => each.startsWith(`${group}.`))
  return new ServiceError('not_found', `rpc: can't find ${known ? 'method' : 'service'} ${name}`, init)
}
