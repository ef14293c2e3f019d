import type { MessageReader } from './message-reader.js'
import type { MessageWriter } from './message-writer.js'

/** How the values of a field are checked, and written and read as JSON. */
export interface JsonElement {
  /** What a field without a value holds; `undefined`: it is then left out. A new one each time where it could be changed. */
  zero(): unknown
  /** The value, which need not have been checked, is the zero value, which is not written. */
  isZero(value: unknown): boolean
  /** The JSON text that encoding/json of Go writes for the value. */
  toJson(value: unknown, depth: number): string
  /** The value of parsed JSON, in which integers beyond ±2^53 are bigints. `null` has been handled. */
  fromJson(json: unknown, depth: number): unknown
}

/** How a value begins on the wire: a varint, 64 bits, a length, the tag of a group, or 32 bits. */
export type WireType = 0 | 1 | 2 | 3 | 5

/** How values of one kind (a scalar, an enum or a message) are written and read. Values that do not fit are refused with a {@link FieldFault}. */
export interface Element extends JsonElement {
  readonly wireType: WireType
  write(value: unknown, writer: MessageWriter, depth: number): void
  /** Reads a value; a message adds to the one before, `into`. `undefined`: what was read counts as a field that is not known. */
  read(reader: MessageReader, depth: number, into?: unknown): unknown
}

/** Messages nest at most so deep: the limit of protobufjs, and of protoc. */
export const maxMessageDepth = 100
