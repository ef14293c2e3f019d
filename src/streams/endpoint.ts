import type { Observable } from 'rxjs'
import type { Context } from './context.js'
import type { Source } from './exchange.js'
import type { Flow } from './flow.js'
import type { Metadata } from './message.js'
import type { ValueRecord } from './registry.js'
import type { StandardSchema } from './standard-schema.js'

/**
 * How a message type is read and written by the codecs that need a schema, and how it shows in the registry.
 * Made by the adapter that knows the schema language, for example from a `.proto` file. Every method throws
 * `bad_request` that names the field for a value or bytes that do not fit. `T` is what is read, `Init` what may be written: with
 * protobuf a field that is left out is its zero value.
 */
export interface TypeRef<T = unknown, Init = T> {
  /** The full name, for example `greeter.HelloRequest`. */
  readonly name: string
  /** The fields as a registry shows them: at most three levels, root included (PROTOCOL section 8). */
  readonly record: ValueRecord
  encodeBinary(value: Init): Uint8Array
  decodeBinary(bytes: Uint8Array): T
  encodeJson(value: Init): string
  decodeJson(text: string): T
}

/** How many messages go each way. */
export type Cardinality = 'unary' | 'serverStream' | 'clientStream' | 'bidi'

/**
 * The typed description of one method. A handler receives `I` and answers `SentO`; a client sends `SentI` and receives `O`. They differ where a type or schema
 * adds something on the way, such as zero values.
 */
export interface EndpointDefinition<
  I = unknown,
  O = unknown,
  C extends Cardinality = Cardinality,
  SentI = I,
  SentO = O,
> {
  /** The name on the wire, for example `Greeter.Hello`. */
  readonly name: string
  readonly cardinality: C
  /** Absent: untyped, so only codecs without a schema can carry it. */
  readonly request?: TypeRef<I, SentI>
  readonly response?: TypeRef<O, SentO>
  /** Checks what arrives before the handler sees it, and gives what the handler receives. */
  readonly requestSchema?: StandardSchema
  /** Checks what the handler answers before it leaves, and gives what is sent. */
  readonly responseSchema?: StandardSchema
  /** Calling it twice does what calling it once does, so a failed call may be tried again. Default false. */
  readonly idempotent?: boolean
  /** Added to the endpoint's record in the registry. */
  readonly metadata?: Metadata
}

/** The typed description of a service: its methods by their TypeScript names (lowerCamelCase). */
export type ServiceDefinition = Readonly<
  Record<string, EndpointDefinition<never, unknown> | EndpointDefinition>
>

/** One request, one answer. Arrays and strings are values here, not streams. */
export type UnaryHandler<I, O> = (request: I, context: Context) => O | Promise<O> | Observable<O>
/** One request, many answers. */
export type ServerStreamHandler<I, O> = (request: I, context: Context) => Source<O>
/** Many requests, one answer. */
export type ClientStreamHandler<I, O> = (
  requests: Flow<I>,
  context: Context,
) => O | Promise<O> | Observable<O>
/** Many requests, many answers; the two directions do not wait for each other. */
export type BidiHandler<I, O> = (requests: Flow<I>, context: Context) => Source<O>

/** The handler that a cardinality asks for. */
export type HandlerOf<I, O, C extends Cardinality> = C extends 'unary'
  ? UnaryHandler<I, O>
  : C extends 'serverStream'
    ? ServerStreamHandler<I, O>
    : C extends 'clientStream'
      ? ClientStreamHandler<I, O>
      : BidiHandler<I, O>
