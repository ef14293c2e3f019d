import type { Type } from 'protobufjs'
import type { TypeRef } from '../../../streams/index.js'
import { escapeLikeGo, parseJson } from '../../../wire/json-text.js'
import { BigIntReader } from './bigint-reader.js'
import { BinaryWriter } from './binary-writer.js'
import type { ShapeOf } from './compile-types.js'
import { maxMessageDepth } from './element.js'
import { atBorder } from './field-fault.js'
import { messageElement } from './message-element.js'
import { goRecord } from './go-record.js'

/** A list or map around each message, and the root. */
const jsonReading = { bigints: true, maxDepth: 2 * maxMessageDepth + 1 }

/** The TypeRef of a message type. */
export function typeRef<T>(type: Type, shapeOf: ShapeOf): TypeRef<T> {
  const name = type.fullName.replace(/^\./, '')
  const writer = new BinaryWriter()
  const element = messageElement(() => shapeOf(type))
  shapeOf(type)
  return {
    name,
    record: goRecord(type),
    encodeBinary: value =>
      atBorder(name, 'cannot be written', () =>
        writer.write(type, element.toMessage(value, 0) as Record<string, unknown>),
      ),
    decodeBinary: bytes =>
      atBorder(name, 'damaged protobuf', () => type.decode(new BigIntReader(bytes) as never) as T),
    encodeJson: value => atBorder(name, 'cannot be written', () => escapeLikeGo(element.toJson(value, 0))),
    decodeJson: text =>
      atBorder(name, 'damaged JSON', () => {
        const json = parseJson(text, jsonReading)
        return element.fromJson(json === null ? {} : json, 0) as T
      }),
  }
}
