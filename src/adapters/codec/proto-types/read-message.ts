import { maxMessageDepth } from './element.js'
import type { MessageReader } from './message-reader.js'
import type { MessageShape } from './message-shape.js'
import { keepUnknown } from './unknown-fields.js'

type Plain = Record<string, unknown>

const endOfGroup = 4

/**
 * Reads a message up to the reader's end: a plain object in which each field of implicit presence has a value. With `into` it adds to that one, as what follows
 * a message in another piece of it. Fields that the type does not know stay with it.
 */
export function readMessage(
  shape: MessageShape,
  reader: MessageReader,
  depth: number,
  into = shape.create(),
): Plain {
  checkDepth(depth)
  while (reader.pos < reader.len) {
    const start = reader.pos
    readField(shape, reader, start, reader.tag(), into, depth)
  }
  checkRequired(shape, into)
  return into
}

/** Reads a group up to the tag that ends it, as {@link readMessage} does. */
export function readGroup(
  shape: MessageShape,
  reader: MessageReader,
  number: number,
  depth: number,
  into = shape.create(),
): Plain {
  checkDepth(depth)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.tag()
    if (tag >>> 3 === number && (tag & 7) === endOfGroup) {
      checkRequired(shape, into)
      return into
    }
    readField(shape, reader, start, tag, into, depth)
  }
  throw new Error('missing end group')
}

function readField(
  shape: MessageShape,
  reader: MessageReader,
  start: number,
  tag: number,
  into: Plain,
  depth: number,
): void {
  const wireType = tag & 7
  const number = tag >>> 3
  const valueAt = reader.pos
  if (shape.byNumber.get(number)?.wire.read(reader, wireType, into, depth) === true) return
  reader.pos = valueAt
  reader.skipType(wireType, depth, number)
  keepUnknown(into, reader.buf, start, reader.pos)
}

function checkDepth(depth: number): void {
  if (depth > maxMessageDepth) throw new Error('max depth exceeded')
}

function checkRequired({ required }: MessageShape, message: Plain): void {
  for (const name of required)
    if (!Object.hasOwn(message, name)) throw new Error(`missing required '${name}'`)
}
