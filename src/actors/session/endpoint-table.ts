import { mergeMap, take, throwIfEmpty, type Observable } from 'rxjs'
import type { Context } from '../../streams/context.js'
import type { EndpointDefinition } from '../../streams/endpoint.js'
import { ServiceError } from '../../streams/errors.js'
import { compose, type Middleware } from '../../streams/exchange.js'
import type { Flow } from '../../streams/flow.js'
import { flowFrom } from '../../streams/flow-from.js'
import { paced, type PacedOptions } from '../../streams/operators/paced.js'
import type { ServedEndpoint } from '../../streams/server.js'
import { toObservable, toSource } from '../../streams/source.js'

/** What a stream is paced by: how much may be sent, and how its queue behaves. */
export interface Pace {
  readonly demand: Observable<number>
  readonly options: PacedOptions<unknown>
}

/** An endpoint ready to run: its middleware is already around it. Exactly one of `unary` and `stream` is there. */
export interface RunnableEndpoint {
  readonly definition: EndpointDefinition
  /** Returns the answer, or a Promise or Observable of it. May throw. */
  readonly unary?: (request: unknown, context: Context) => unknown
  /** Cold. The answers as the demand allows. */
  readonly stream?: (requests: Flow<unknown>, context: Context, pace: Pace) => Observable<unknown>
  /** The same endpoint as clients of go-micro's version 1 know it, where their messages are others. */
  readonly mucp?: RunnableEndpoint
}

/** Endpoints by wire name. */
export type EndpointTable = Pick<ReadonlyMap<string, RunnableEndpoint>, 'get' | 'keys'>

/** A handler, whatever its values are. */
type Handle = (input: unknown, context: Context) => unknown

/** The table of a server. A unary endpoint pays for middleware only when there is some. */
export function createEndpointTable(
  served: Iterable<ServedEndpoint>,
  middleware: readonly Middleware[],
): EndpointTable {
  const table = new Map<string, RunnableEndpoint>()
  for (const { definition, handle, mucp } of served) {
    const endpoint = runnable(definition, handle as Handle, middleware)
    const other = mucp === undefined ? {} : { mucp: runnable(mucp, handle as Handle, middleware) }
    table.set(definition.name, { ...endpoint, ...other })
  }
  return table
}

/** An endpoint with its middleware around it. */
export function runnable(
  definition: EndpointDefinition,
  handle: Handle,
  middleware: readonly Middleware[],
): RunnableEndpoint {
  if (definition.cardinality !== 'unary') {
    return {
      definition,
      stream: (requests, context, pace) => streamOf(definition, handle, middleware, pace)(requests, context),
    }
  }
  if (middleware.length === 0) return { definition, unary: handle }
  const exchange = compose(middleware)<unknown, unknown>((requests, context) =>
    single(requests, definition).pipe(
      mergeMap(request => toObservable(handle(request, context), definition.name)),
    ),
  )
  return { definition, unary: (request, context) => exchange(flowFrom([request]), context) }
}

/** The handler is paced first and middleware wraps what comes out, so flow control does not depend on middleware. */
function streamOf(
  definition: EndpointDefinition,
  handle: Handle,
  middleware: readonly Middleware[],
  pace: Pace,
) {
  const answers = (result: unknown) => paced(toSource(result, definition.name), pace.demand, pace.options)
  const exchange = (requests: Flow<unknown>, context: Context): Observable<unknown> => {
    switch (definition.cardinality) {
      case 'clientStream':
        return toObservable(handle(requests, context), definition.name)
      case 'serverStream':
        return single(requests, definition).pipe(mergeMap(request => answers(handle(request, context))))
      default:
        return answers(handle(requests, context))
    }
  }
  if (middleware.length === 0) return exchange
  // A middleware may hand on a plain Observable; the handler gets a Flow all the same.
  const inner = (requests: Observable<unknown>, context: Context) => exchange(flowFrom(requests), context)
  return (requests: Flow<unknown>, context: Context) =>
    compose(middleware)<unknown, unknown>((changed, with_) => inner(changed, with_))(requests, context)
}

function single(requests: Flow<unknown>, { name }: EndpointDefinition): Observable<unknown> {
  return requests.pipe(
    take(1),
    throwIfEmpty(() => new ServiceError('bad_request', `${name}: the stream ended before a request came`)),
  )
}
