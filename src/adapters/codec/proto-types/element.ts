/** How values of one kind (a scalar, an enum, a message, a list or a map of them) are checked, written and read. */
export interface Element {
  /** What a field without a value holds; `undefined`: it is then left out. A new one each time where it could be changed. */
  zero(): unknown
  /** A value that {@link Element.toMessage} accepts is the zero value, which is not written. */
  isZero(value: unknown): boolean
  /** The value as the encoder of protobufjs takes it: the same one where that is possible. */
  toMessage(value: unknown, depth: number): unknown
  /** The JSON text that encoding/json of Go writes for the value. */
  toJson(value: unknown, depth: number): string
  /** The value of parsed JSON, in which integers beyond ±2^53 are bigints. `null` has been handled. */
  fromJson(json: unknown, depth: number): unknown
}

/** Messages nest at most so deep: the limit of protobufjs, and of protoc. */
export const maxMessageDepth = 100
