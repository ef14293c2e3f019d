import type { Dialect } from '../../streams/codec.js'
import { ServiceError } from '../../streams/errors.js'
import type { EndpointTable } from './endpoint-table.js'

/** The error of a call for an endpoint that is not served, in the words of go-micro (PROTOCOL sections 2.6 and 14.2). */
export function unknownEndpoint(
  name: string,
  { service, endpoints }: { readonly service: string; readonly endpoints: EndpointTable },
  dialect: Dialect = 'bare',
): ServiceError {
  const [group = '', method = '', ...more] = name.split('.')
  const init = { id: service }
  const isNew = dialect === 'mucp'
  if (!name.includes('.') || more.length > 0) {
    const what = isNew ? 'service/endpoint' : 'service/method'
    return new ServiceError('bad_request', `rpc: ${what} request ill-formed: ${name}`, init)
  }
  const known = [...endpoints.keys()].some(each => each.startsWith(`${group}.`))
  const missing = isNew ? (known ? method : group) : name
  return new ServiceError('not_found', `rpc: can't find ${known ? 'method' : 'service'} ${missing}`, init)
}
