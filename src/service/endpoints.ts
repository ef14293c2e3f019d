import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import { checkedHandle, type ReportAnswer } from './checked-handle.js'
import type {
  HandleOptions,
  HandlersOf,
  ServedEndpoint,
  StreamingHandler,
  UntypedHandlers,
} from '../streams/server.js'

type Handle = ServedEndpoint['handle']

/** The endpoints of plain objects of functions. Throws `bad_request` for a handler that is none. */
export function untypedEndpoints(
  handlers: UntypedHandlers,
  options: HandleOptions = {},
): readonly ServedEndpoint[] {
  return Object.entries(handlers).flatMap(([service, methods]) => {
    const names = methodsOf(methods)
    if (names.length === 0) throw new ServiceError('bad_request', `${service} has no methods`)
    return names.map(method => untypedEndpoint(`${service}.${method}`, methods, methods[method], options))
  })
}

function untypedEndpoint(
  name: string,
  owner: object,
  handler: unknown,
  options: HandleOptions,
): ServedEndpoint {
  if (typeof handler === 'function') {
    return served({ name, cardinality: 'unary' }, methodOf(owner, handler as Handle), options)
  }
  if (isStreaming(handler)) return served({ name, cardinality: handler.cardinality }, handler.handle, options)
  throw new ServiceError('bad_request', `${name} has no handler: it is ${typeof handler}, not a function`)
}

/** The names of an object's own properties, and of the methods that its classes give it. */
function methodsOf(methods: object): readonly string[] {
  const names = new Set(Object.keys(methods))
  for (
    let level: unknown = Object.getPrototypeOf(methods);
    typeof level === 'object' && level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) if (name !== 'constructor') names.add(name)
  }
  return [...names]
}

/** Called as a method, so that handlers may be a class with state. */
function methodOf(owner: object, method: (...input: never[]) => unknown): Handle {
  return (input: never, context: never): unknown => Reflect.apply(method, owner, [input, context])
}

/** The endpoints of a definition, behind its schemas. Throws `bad_request` that names the method without a handler. */
export function typedEndpoints<D extends ServiceDefinition>(
  definition: D,
  handlers: HandlersOf<D>,
  report: ReportAnswer,
  options: HandleOptions = {},
): readonly ServedEndpoint[] {
  return Object.entries(definition).map(([method, endpoint]) => {
    const handler: unknown = (handlers as HandlersOf<D> | undefined)?.[method]
    if (typeof handler !== 'function') {
      throw new ServiceError(
        'bad_request',
        `${endpoint.name} has no handler: '${method}' is ${typeof handler}`,
      )
    }
    return served(endpoint, checkedHandle(endpoint, methodOf(handlers, handler as Handle), report), options)
  })
}

function served(definition: EndpointDefinition, handle: Handle, options: HandleOptions): ServedEndpoint {
  const added = options.metadata?.[definition.name]
  return {
    definition:
      added === undefined ? definition : { ...definition, metadata: { ...definition.metadata, ...added } },
    handle,
    internal: options.internal ?? false,
  }
}

function isStreaming(handler: unknown): handler is StreamingHandler {
  return typeof (handler as Partial<StreamingHandler> | null | undefined)?.handle === 'function'
}
