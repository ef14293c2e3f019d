import type { Cardinality, EndpointDefinition, TypeRef } from './endpoint.js'
import type { StandardSchema } from './standard-schema.js'

/** A method of {@link defineService}. Its wire name is made of its TypeScript name, unless it says another. */
export type MethodDefinition<
  I = unknown,
  O = unknown,
  C extends Cardinality = Cardinality,
  SentI = I,
  SentO = O,
> = Omit<EndpointDefinition<I, O, C, SentI, SentO>, 'name'> & { readonly name?: string }

/** What a method of {@link defineService} may say besides its messages. */
export interface MethodOptions extends Pick<EndpointDefinition, 'idempotent' | 'metadata'> {
  /** The method's name on the wire. @default its TypeScript name with a capital letter */
  readonly name?: string
}

/** How a message is described: the type of a `.proto` file, or any Standard Schema. */
export type MessageSpec = TypeRef<unknown, never> | StandardSchema

/** What arrives of a message. */
export type ReceivedOf<S> =
  S extends TypeRef<infer T, infer _Init> ? T : S extends StandardSchema<infer _In, infer Out> ? Out : never

/** What may be sent as a message. */
export type SentOf<S> =
  S extends TypeRef<infer _T, infer Init> ? Init : S extends StandardSchema<infer In, infer _Out> ? In : never

/** Makes the methods of one cardinality: of types alone, or of a description of each message. */
export interface DescribeMethod<C extends Cardinality> {
  <I, O>(options?: MethodOptions): MethodDefinition<I, O, C>
  <Q extends MessageSpec, A extends MessageSpec>(
    request: Q,
    response: A,
    options?: MethodOptions,
  ): MethodDefinition<ReceivedOf<Q>, ReceivedOf<A>, C, SentOf<Q>, SentOf<A>>
}

/**
 * The methods of {@link defineService}, one function for each cardinality. With types alone (`rpc.unary<Request, Answer>()`) nothing is checked at run time;
 * with a Standard Schema for each message (`rpc.unary(request, answer)`) the server checks both, and with types of a `.proto` file they travel as protobuf.
 */
export const rpc = {
  unary: describe('unary'),
  serverStream: describe('serverStream'),
  clientStream: describe('clientStream'),
  bidi: describe('bidi'),
} as const

function describe<C extends Cardinality>(cardinality: C): DescribeMethod<C> {
  const method = (...given: readonly unknown[]): MethodDefinition => {
    const described = given.length > 1 || isSpec(given[0])
    const [request, response, options] = described ? given : [undefined, undefined, given[0]]
    return {
      cardinality,
      ...(request === undefined ? {} : specOf(request, 'request')),
      ...(response === undefined ? {} : specOf(response, 'response')),
      ...(options as MethodOptions | undefined),
    }
  }
  return method as DescribeMethod<C>
}

function isSpec(given: unknown): boolean {
  return isSchema(given) || typeof (given as Partial<TypeRef> | undefined)?.decodeJson === 'function'
}

/** arktype's schemas are functions. */
function isSchema(given: unknown): given is StandardSchema {
  return (
    ((typeof given === 'object' && given !== null) || typeof given === 'function') && '~standard' in given
  )
}

function specOf(spec: unknown, which: 'request' | 'response'): Partial<EndpointDefinition> {
  return isSchema(spec) ? { [`${which}Schema`]: spec } : { [which]: spec as TypeRef }
}

/** The methods of a definition by TypeScript name; wire names are `Service.Method`. Types without a schema travel as JSON. */
export function defineService<
  const M extends Readonly<Record<string, MethodDefinition<never, unknown> | MethodDefinition>>,
>(name: string, methods: M): { readonly [K in keyof M]: M[K] & { readonly name: string } } {
  const named = Object.entries(methods).map(([key, method]) => {
    const own = method.name ?? `${key.charAt(0).toUpperCase()}${key.slice(1)}`
    return [key, { ...method, name: `${name}.${own}` }]
  })
  return Object.fromEntries(named) as { readonly [K in keyof M]: M[K] & { readonly name: string } }
}
