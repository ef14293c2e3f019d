import type {
  BidiHandler,
  Cardinality,
  ClientStreamHandler,
  EndpointDefinition,
  HandlerOf,
  ServerStreamHandler,
  ServiceDefinition,
  UnaryHandler,
} from './endpoint.js'
import type { Metadata } from './message.js'

/** A handler of an untyped service that is not unary, marked by {@link serverStream}, {@link clientStream} or {@link bidi}. */
export interface StreamingHandler {
  readonly cardinality: Exclude<Cardinality, 'unary'>
  readonly handle: (input: never, context: never) => unknown
}

/** Marks a handler of an untyped service: one request, many answers. */
export function serverStream<I, O>(handle: ServerStreamHandler<I, O>): StreamingHandler {
  return { cardinality: 'serverStream', handle }
}

/** Marks a handler of an untyped service: many requests, one answer. */
export function clientStream<I, O>(handle: ClientStreamHandler<I, O>): StreamingHandler {
  return { cardinality: 'clientStream', handle }
}

/** Marks a handler of an untyped service: many requests, many answers. */
export function bidi<I, O>(handle: BidiHandler<I, O>): StreamingHandler {
  return { cardinality: 'bidi', handle }
}

/** The handlers of untyped services: `{ Greeter: { Hello: request => answer } }`. A plain function is unary. */
export type UntypedHandlers = Readonly<
  Record<string, Readonly<Record<string, UnaryHandler<never, unknown> | StreamingHandler>>>
>

/** The handlers that a definition asks for, one for each method. */
export type HandlersOf<D extends ServiceDefinition> = {
  readonly [M in keyof D]: D[M] extends EndpointDefinition<infer I, infer O, infer C>
    ? HandlerOf<I, O, C>
    : never
}

/** Options of the handlers that are added together. */
export interface HandleOptions {
  /** Added to the registry records of endpoints, by wire name (`Greeter.Hello`). */
  readonly metadata?: Readonly<Record<string, Metadata>>
  /** Not shown in the registry. Default false. */
  readonly internal?: boolean
}

/** An endpoint with the function that serves it. */
export interface ServedEndpoint {
  readonly definition: EndpointDefinition
  readonly handle: (input: never, context: never) => unknown
  readonly internal: boolean
}

/** The methods of a definition by TypeScript name; wire names are `Service.Method`. Types without a schema travel as JSON. */
export function defineService<const M extends Readonly<Record<string, Omit<EndpointDefinition, 'name'>>>>(
  name: string,
  methods: M,
): { readonly [K in keyof M]: M[K] & { readonly name: string } } {
  const named = Object.entries(methods).map(([key, method]) => {
    return [key, { ...method, name: `${name}.${key.charAt(0).toUpperCase()}${key.slice(1)}` }]
  })
  return Object.fromEntries(named) as { readonly [K in keyof M]: M[K] & { readonly name: string } }
}

/** What a method of {@link defineService} may say besides its messages. */
export type MethodOptions = Pick<EndpointDefinition, 'idempotent' | 'metadata'>

type Method<I, O, C extends Cardinality> = Omit<EndpointDefinition<I, O, C>, 'name'>

/** The methods of {@link defineService} whose messages are described in TypeScript alone, one function for each cardinality. */
export const rpc = {
  unary: <I, O>(options: MethodOptions = {}): Method<I, O, 'unary'> => ({ cardinality: 'unary', ...options }),
  serverStream: <I, O>(options: MethodOptions = {}): Method<I, O, 'serverStream'> => ({
    cardinality: 'serverStream',
    ...options,
  }),
  clientStream: <I, O>(options: MethodOptions = {}): Method<I, O, 'clientStream'> => ({
    cardinality: 'clientStream',
    ...options,
  }),
  bidi: <I, O>(options: MethodOptions = {}): Method<I, O, 'bidi'> => ({ cardinality: 'bidi', ...options }),
} as const
