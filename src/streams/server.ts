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
  readonly [M in keyof D]: D[M] extends EndpointDefinition<infer I, infer _O, infer C, infer _I, infer SentO>
    ? HandlerOf<I, SentO, C>
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
  /** The endpoint as clients of go-micro's version 1 know it, where their messages are others. */
  readonly mucp?: EndpointDefinition
}
