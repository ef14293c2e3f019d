import type { TypeRef } from '../../../streams/index.js'

/**
 * In the generated type of a message of proto2: the names of its required fields, as the type of a member that no message has. What is written must have them.
 */
declare const required: unique symbol
export type { required }

/**
 * What may be written as a message of the generated type `T`: any field but a required one of proto2 may be left out, which is its zero value; a safe number
 * will do for a 64-bit integer, and a readonly array for a list.
 */
export type MessageInit<T> = unknown extends T
  ? T
  : T extends bigint
    ? bigint | number
    : T extends string | number | boolean | Uint8Array | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly MessageInit<Item>[]
        : typeof required extends keyof T
          ? InitWith<T, Extract<T[typeof required], keyof T>>
          : { readonly [K in keyof T]?: MessageInit<T[K]> | undefined }

/** The same for a message with required fields. */
type InitWith<T, Required extends keyof T> = {
  readonly [K in Exclude<keyof T, Required | typeof required>]?: MessageInit<T[K]> | undefined
} & { readonly [K in Required]: MessageInit<T[K]> }

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
  create(...init: typeof required extends keyof T ? [init: MessageInit<T>] : [init?: MessageInit<T>]): T
}
