import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
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
  return Object.entries(handlers).flatMap(([service, methods]) =>
    Object.entries(methods).map(([method, handler]) => {
      const name = `${service}.${method}`
      const [cardinality, handle] =
        typeof handler === 'function'
          ? (['unary', handler as Handle] as const)
          : ([cardinalityOf(name, handler), handler.handle] as const)
      return served({ name, cardinality }, handle, options)
    }),
  )
}

/** The endpoints of a definition. Throws `bad_request` that names the method without a handler. */
export function typedEndpoints<D extends ServiceDefinition>(
  definition: D,
  handlers: HandlersOf<D>,
  options: HandleOptions = {},
): readonly ServedEndpoint[] {
  return Object.entries(definition).map(([method, endpoint]) => {
    const handler: unknown = handlers[method]
    if (typeof handler !== 'function') {
      throw new ServiceError(
        'bad_request',
        `${endpoint.name} has no handler: '${method}' is ${typeof handler}`,
      )
    }
    // Called as a method, so that handlers may be a class with state.
    const handle = (input: never, context: never): unknown =>
      Reflect.apply(handler, handlers, [input, context])
    return served(endpoint, handle, options)
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

function cardinalityOf(name: string, handler: StreamingHandler): StreamingHandler['cardinality'] {
  if (typeof handler?.handle === 'function') return handler.cardinality
  throw new ServiceError('bad_request', `${name} has no handler: it is ${typeof handler}, not a function`)
}
