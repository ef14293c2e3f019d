import protobuf, { type Field, type Reader, type Type } from 'protobufjs'
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
  const maps = type.fieldsArray.filter(field => field.map && needsRepair(field))
  const hasOneofs = type.oneofsArray.length > 0
  return message => {
    const plain = hasOneofs ? { ...message } : message
    // A zero that follows another value of the same field takes the field away.
    for (const { name, element } of implicit) if (plain[name] === undefined) plain[name] = element.zero()
    for (const field of maps) repairMap(plain[field.name] as Plain, field)
    return plain
  }
}

function needsRepair({ type, resolvedType }: Field): boolean {
  return type.endsWith('64') || resolvedType instanceof protobuf.Type
}

/** A map entry without a value has what protobufjs takes for its zero: two halves of an integer, or an object of the class. */
function repairMap(map: Plain, { resolvedType }: Field): void {
  for (const key of Object.keys(map)) {
    const value = map[key]
    if (typeof value !== 'object' || Object.getPrototypeOf(value) === Object.prototype) continue
    map[key] = resolvedType === null ? 0n : { ...value }
  }
}
