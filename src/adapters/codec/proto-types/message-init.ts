import type { TypeRef } from '../../../streams/index.js'

/**
 * What may be written as a message of the generated type `T`: any field may be left out, which is its zero value; a safe number will do for a 64-bit
 * integer, and a readonly array for a list. A required field of proto2 that is missing is refused when it is written.
 */
export type MessageInit<T> = unknown extends T
  ? T
  : T extends bigint
    ? bigint | number
    : T extends string | number | boolean | Uint8Array | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly MessageInit<Item>[]
        : { readonly [K in keyof T]?: MessageInit<T[K]> | undefined }

/** The members of a oneof: at most one is there, and the compiler sees that no two are set. */
export type OneOf<Members> =
  | {
      [Chosen in keyof Members]: { [K in Chosen]: Members[K] } & {
        [K in Exclude<keyof Members, Chosen>]?: never
      }
    }[keyof Members]
  | { [K in keyof Members]?: never }

/** A message type of a generated file. It describes methods and topics, and makes messages. */
export interface MessageType<T> extends TypeRef<T, MessageInit<T>> {
  /** A message with these fields and the zero values of all others. Throws `bad_request` for a field that does not fit. */
  create(init?: MessageInit<T>): T
}
