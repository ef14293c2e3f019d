import type { TypeRef } from '../../../streams/index.js'
import type { MessageInit } from './message-init.js'
import { unknownFields, type WithUnknownFields } from './unknown-fields.js'

/**
 * A field that a `.proto` file adds to messages of another one, whose type `T` does not know it: there it is among the unknown fields, which stay with the message. `V` is
 * its type: with `undefined` unless it is repeated.
 */
export interface Extension<T, V> {
  /** Its full name, for example `shop.note`. */
  readonly name: string
  /** Its value in a message: what a field of that type has. Throws `bad_request` for bytes that hold none. */
  get(message: MessageInit<T>): V
  /** A copy of the message with this value of it; `undefined` takes it away. Throws `bad_request` for a value that does not fit. */
  with<M extends MessageInit<T>>(message: M, value: MessageInit<V>): M
}

/** An extension as a message with one field, `value`: all that is known of the unknown fields of an extended message. */
interface Extended<V> extends WithUnknownFields {
  value: V
}

/** The extension that `type` describes. */
export function extensionOf<T, V>(type: TypeRef): Extension<T, V> {
  const read = (message: WithUnknownFields) =>
    type.decodeBinary(joined(message[unknownFields] ?? [])) as Extended<V>
  return {
    name: type.name,
    get: message => read(message as WithUnknownFields).value,
    with(message, value) {
      const { [unknownFields]: _, ...known } = message as WithUnknownFields
      const bytes = type.encodeBinary({ ...read(message as WithUnknownFields), value })
      return { ...known, ...(bytes.length === 0 ? {} : { [unknownFields]: [bytes] }) } as typeof message
    },
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return first
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
