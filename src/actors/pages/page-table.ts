import type { Context } from '../../streams/context.js'
import type { EndpointDefinition, TypeRef } from '../../streams/endpoint.js'
import { ServiceError } from '../../streams/errors.js'
import type { Middleware } from '../../streams/exchange.js'
import type { Flow } from '../../streams/flow.js'
import type { Client } from '../client.js'
import { runnable, type EndpointTable, type RunnableEndpoint } from '../session/endpoint-table.js'
import { unknownEndpoint } from '../session/unknown-endpoint.js'
import { readPageRequest, type PageRequest } from './page-requests.js'

/** The endpoints that pages may call, by service: some by name, or with `*` all of a service but those of `Debug`. */
export type ExposedServices = Readonly<Record<string, '*' | readonly string[]>>

/** What the table of a page is made of. */
export interface PageTableParts {
  /** The name of this service, and what it serves. */
  readonly service: string
  readonly endpoints: EndpointTable
  /** What it serves to pages alone, by wire name. */
  readonly own: EndpointTable
  readonly exposed: ExposedServices
  /** Calls the other services. */
  readonly client: Client
  /** Around what is forwarded: it sees values as they are encoded. */
  readonly middleware: readonly Middleware[]
}

/**
 * The endpoints of a page's connection: those of this service as they are, those of other services forwarded, nothing that is not exposed. Calls
 * and streams have a table each, since only the caller knows what a foreign endpoint is.
 */
export function pageTable(parts: PageTableParts, kind: 'unary' | 'bidi'): EndpointTable {
  return {
    keys: () => parts.endpoints.keys(),
    get: name => {
      const request = readPageRequest(name)
      const { service, endpoint } = request
      if (service === '') return parts.own.get(endpoint) ?? refused(request, parts)
      if (!isExposed(request, parts.exposed)) return refused(request, parts)
      if (service !== parts.service) return forwarded(request, kind, parts)
      return parts.endpoints.get(endpoint) ?? failing(endpoint, unknownEndpoint(endpoint, parts))
    },
  }
}

function isExposed({ service, endpoint }: PageRequest, exposed: ExposedServices): boolean {
  const allowed = Object.hasOwn(exposed, service) ? exposed[service] : undefined
  if (allowed === undefined) return false
  return allowed === '*' ? !endpoint.startsWith('Debug.') : allowed.includes(endpoint)
}

/** What is there and not exposed looks like what is not there. */
function refused({ service, endpoint }: PageRequest, parts: PageTableParts): RunnableEndpoint {
  const what = service === '' ? endpoint : `${service} ${endpoint}`
  return failing(
    endpoint,
    new ServiceError('forbidden', `${what} is not open to web pages`, { id: parts.service }),
  )
}

function failing(name: string, error: ServiceError): RunnableEndpoint {
  const fail = () => {
    throw error
  }
  return { definition: { name, cardinality: 'unary' }, unary: fail, stream: fail }
}

function forwarded(request: PageRequest, kind: 'unary' | 'bidi', parts: PageTableParts): RunnableEndpoint {
  const { service, endpoint, contentType } = request
  const { client, middleware } = parts
  const definition: EndpointDefinition = {
    name: endpoint,
    cardinality: kind,
    request: verbatim,
    response: verbatim,
  }
  const target = { service, definition }
  const metadata = { 'X-Micro-From-Service': parts.service, 'X-Micro-Service': service }
  const optionsOf = (context: Context) => ({ context, contentType, metadata })
  // Who has a deadline of its own waits as long as that says.
  const timeoutOf = ({ deadline }: Context) => (deadline === undefined ? {} : { timeoutMs: Infinity })
  const handle =
    kind === 'unary'
      ? (value: unknown, context: Context) =>
          client.unary(target, value, { ...optionsOf(context), ...timeoutOf(context) })
      : (values: unknown, context: Context) =>
          client.stream(target, values as Flow<unknown>, optionsOf(context))
  return runnable(definition, handle, middleware)
}

/** Passes bodies on as they are: JSON as its text, protobuf as its bytes. */
const verbatim: TypeRef = {
  name: 'verbatim',
  record: { name: 'verbatim', type: 'verbatim', values: [] },
  encodeBinary: value => value as Uint8Array,
  decodeBinary: bytes => bytes,
  encodeJson: value => value as string,
  decodeJson: text => text,
}
