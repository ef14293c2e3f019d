import type { Reader, Type } from 'protobufjs'
import type { MessageShape } from './message-shape.js'

type Decode = Type['decode']
type Plain = Record<string, unknown>

/**
 * Makes the decoder of a type return plain objects in which each field of implicit presence has a value. It is the decoder
 * that protobufjs generates, with another constructor; messages within messages come through it as well.
 */
export function installDecoder(type: Type, shape: MessageShape): void {
  const hasOneofs = type.oneofsArray.length > 0
  type.ctor = (hasOneofs ? instanceConstructor(shape) : plainConstructor(shape)) as unknown as Type['ctor']
  const generated = type.setup().decode.bind(type) as unknown as (...all: unknown[]) => Plain
  const { ctor } = type
  const finish = finisher(type, shape)
  // The parameters that protobufjs passes along: end of the message, end of the group, depth, and the message to merge into.
  type.decode = function decode(
    reader: Reader,
    length?: number,
    group?: number,
    depth?: number,
    into?: Plain,
  ) {
    const target =
      into !== undefined && hasOneofs ? Object.assign(new ctor() as unknown as Plain, into) : into
    return finish(generated(reader, length, group, depth, target))
  } as Decode
}

/** `new` gives a plain object. */
function plainConstructor(shape: MessageShape): () => Plain {
  return function Message() {
    return shape.create()
  }
}

/** `new` gives an object of the class, because setting one member of a oneof clears the others there. */
function instanceConstructor(shape: MessageShape): (this: Plain) => void {
  return function Message() {
    Object.assign(this, shape.create())
  }
}

/** What is left to do when the generated decoder has done its work. */
function finisher(type: Type, shape: MessageShape): (message: Plain) => Plain {
  const implicit = shape.fields.filter(field => field.presence === 'implicit')
  const longMaps = type.fieldsArray
    .filter(field => field.map && field.type.endsWith('64'))
    .map(field => field.name)
  const hasOneofs = type.oneofsArray.length > 0
  return message => {
    const plain = hasOneofs ? { ...message } : message
    // A zero that follows another value of the same field takes the field away.
    for (const { name, element } of implicit) if (plain[name] === undefined) plain[name] = element.zero()
    for (const name of longMaps) replaceAbsentLongs(plain[name] as Plain)
    return plain
  }
}

/** The value of a map entry without one is zero, as an object of protobufjs. */
function replaceAbsentLongs(map: Plain): void {
  for (const key of Object.keys(map)) if (typeof map[key] === 'object') map[key] = 0n
}
