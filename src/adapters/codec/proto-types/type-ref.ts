import type { TypeRef, ValueRecord } from '../../../streams/index.js'
import { escapeLikeGo, parseJson } from '../../../wire/json-text.js'
import { BinaryForm } from './binary-form.js'
import { createCompiler } from './compile-types.js'
import { maxMessageDepth } from './element.js'
import { borderError } from './field-fault.js'
import { goRecord } from './go-record.js'
import { messageElement } from './message-element.js'
import type { MessageShape } from './message-shape.js'
import type { Schema } from './schema.js'

/** A list or map around each message, and the root. */
const jsonReading = { bigints: true, maxDepth: 2 * maxMessageDepth + 1 }

/** Gives the TypeRef of a message type of a schema by its full name: the same one each time. Throws `not_found`. */
export function typeRefs(schema: Schema): (name: string) => TypeRef {
  const shapeOf = createCompiler(schema)
  const form = new BinaryForm()
  const refs = new Map<string, TypeRef>()
  return name => {
    const known = refs.get(name)
    if (known !== undefined) return known
    const made = typeRef(name, goRecord(name, schema), shapeOf(name), form)
    refs.set(name, made)
    return made
  }
}

function typeRef(name: string, record: ValueRecord, shape: MessageShape, form: BinaryForm): TypeRef {
  const element = messageElement(() => shape)
  return {
    name,
    record,
    encodeBinary(value) {
      try {
        return form.encode(shape, value)
      } catch (cause) {
        throw borderError(name, 'cannot be written', cause)
      }
    },
    decodeBinary(bytes) {
      try {
        return form.decode(shape, bytes)
      } catch (cause) {
        throw borderError(name, 'damaged protobuf', cause)
      }
    },
    encodeJson(value) {
      try {
        return escapeLikeGo(element.toJson(value, 0))
      } catch (cause) {
        throw borderError(name, 'cannot be written', cause)
      }
    },
    decodeJson(text) {
      try {
        const json = parseJson(text, jsonReading)
        return element.fromJson(json === null ? {} : json, 0)
      } catch (cause) {
        throw borderError(name, 'damaged JSON', cause)
      }
    },
  }
}
