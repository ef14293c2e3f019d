/** What a `.proto` file says of its messages, as data: a generated file holds it for its run time. All names of types are full. */
export interface FileDescription {
  /** The message types by name, each with its fields in the order of the source. */
  readonly messages?: Readonly<Record<string, readonly FieldDescription[]>>
  readonly enums?: Readonly<Record<string, EnumDescription>>
}

/** One field of a message type. */
export interface FieldDescription {
  /** As the source has it; of an extension the full name with a dot in front. */
  readonly name: string
  readonly number: number
  /** A scalar type of protobuf, or the name of a message type or an enum. */
  readonly type: string
  /** The name in TypeScript, where it is not `name` in lowerCamelCase. */
  readonly property?: string
  /** The name in JSON, where the source gives one. */
  readonly json?: string
  /** A message without it is refused. */
  readonly required?: true
  /** Its absence can be told from its zero value. So it is for every field of a message type and every member of a `oneof`. */
  readonly optional?: true
  readonly repeated?: true
  /** The values of a repeated field are written one behind the other, as one piece. */
  readonly packed?: true
  /** The field is a map whose keys are of this scalar type. */
  readonly key?: string
  /** The `oneof` that it is a member of. */
  readonly oneof?: string
  /** The message stands between two tags and not behind its length. */
  readonly group?: true
  /** Text that is not UTF-8 is mended and not refused, as proto2 has it. */
  readonly lenient?: true
}

/** An enum. */
export interface EnumDescription {
  /** In the order of the source: the first one is the zero value. */
  readonly values: Readonly<Record<string, number>>
  /** A number that is none of them counts as a field that is not known, as proto2 has it. */
  readonly closed?: true
}
