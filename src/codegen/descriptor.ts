/**
 * The intermediate form: what a `.proto` file says, whoever read it. The parser makes it from source text, and the plugin from the
 * descriptors of protoc; the emitter sees nothing else.
 */

/** A place in a source file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What every declaration may carry. */
interface Declaration {
  readonly name: string
  /** The comment in front of it, else the one behind it; '' for none. Its lines are as protoc gives them. */
  readonly doc: string
  readonly deprecated: boolean
  /** Known where it was parsed here. */
  readonly at?: Position
}

/** One `.proto` file. */
export interface FileDescriptor {
  /** The name that other files import it by. */
  readonly name: string
  readonly syntax: 'proto2' | 'proto3'
  /** '' for none. */
  readonly package: string
  readonly imports: readonly ImportDescriptor[]
  readonly messages: readonly MessageDescriptor[]
  readonly enums: readonly EnumDescriptor[]
  readonly services: readonly ServiceDescriptor[]
  readonly extensions: readonly FieldDescriptor[]
}

/** One import of a file. */
export interface ImportDescriptor {
  readonly name: string
  /** What it brings is also seen by whoever imports this file. */
  readonly public: boolean
  /** It may be missing. */
  readonly weak: boolean
  readonly at?: Position
}

/** A message type. */
export interface MessageDescriptor extends Declaration {
  readonly fields: readonly FieldDescriptor[]
  readonly oneofs: readonly OneofDescriptor[]
  readonly messages: readonly MessageDescriptor[]
  readonly enums: readonly EnumDescriptor[]
  readonly extensions: readonly FieldDescriptor[]
  readonly extensionRanges: readonly NumberRange[]
  readonly reservedRanges: readonly NumberRange[]
  readonly reservedNames: readonly string[]
}

/** Field numbers from `start` to `end`, both included. */
export interface NumberRange {
  readonly start: number
  readonly end: number
  readonly at?: Position
}

/** A group of fields of which one at most is set. */
export type OneofDescriptor = Declaration

/** The scalar types by their names in a `.proto` file. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

/** The type of a value. `named` is a name that was not looked up yet; linked files have none. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | {
      readonly kind: 'named' | 'message' | 'group' | 'enum'
      /** The full name; as it was written where the kind is `named`. */
      readonly name: string
      readonly at?: Position
    }

/** A field, or an extension. */
export interface FieldDescriptor extends Declaration {
  readonly number: number
  readonly numberAt?: Position
  readonly label: 'optional' | 'required' | 'repeated'
  readonly type: ValueType
  /** The field is a map with keys of this type. */
  readonly mapKey?: ScalarType
  /** The name of its oneof. */
  readonly oneof?: string
  /** Its absence can be told from its zero value, whatever its type is. */
  readonly hasPresence: boolean
  /** Where the source gives one that is not made of the name. */
  readonly jsonName?: string
  /** The text of a proto2 default. */
  readonly default?: string
  readonly packed?: boolean
  /** The full name of the extended message; as it was written until it is linked. */
  readonly extendee?: { readonly name: string; readonly at?: Position }
}

/** An enum type. */
export interface EnumDescriptor extends Declaration {
  readonly values: readonly EnumValueDescriptor[]
  readonly allowAlias: boolean
}

/** One value of an enum. */
export interface EnumValueDescriptor extends Declaration {
  readonly number: number
}

/** A service. */
export interface ServiceDescriptor extends Declaration {
  readonly methods: readonly MethodDescriptor[]
}

/** A method of a service. */
export interface MethodDescriptor extends Declaration {
  readonly input: TypeName
  readonly output: TypeName
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
  /** `idempotency_level` says that it may be called twice. */
  readonly idempotent: boolean
}

/** The name of a message type: full where it is linked. */
export interface TypeName {
  readonly name: string
  readonly at?: Position
}

/** The scalar types, for look-ups. */
export const scalarTypes: ReadonlySet<string> = new Set<ScalarType>([
  ...(['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'] as const),
  ...(['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes'] as const),
])
