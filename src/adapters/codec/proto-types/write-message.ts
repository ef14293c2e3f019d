import { maxMessageDepth } from './element.js'
import { FieldFault, describeValue, isRecord, located } from './field-fault.js'
import type { FieldShape, MessageShape } from './message-shape.js'
import type { MessageWriter } from './message-writer.js'
import { unknownFields, type WithUnknownFields } from './unknown-fields.js'

/** Checks a message and writes its fields, and behind them those that its type does not know. What was written is to be dropped when it throws. */
export function writeMessage(
  shape: MessageShape,
  given: unknown,
  writer: MessageWriter,
  depth: number,
): void {
  const message = checkMessage(given, depth)
  let at: FieldShape | undefined
  // One handler around all fields, not a function for each: this is on the path of every message.
  try {
    for (const field of shape.ordered) {
      const value = present(field, message)
      if (value === undefined) continue
      at = field
      field.wire.write(value, writer, depth + 1)
      at = undefined
    }
  } catch (fault) {
    throw at === undefined ? fault : located(fault, at.name)
  }
  const unknown = (message as WithUnknownFields)[unknownFields]
  if (unknown !== undefined) for (const piece of unknown) writer.raw(piece)
  if (shape.choices.length > 0) checkChoices(shape, message)
}

/** An object that may be a message at this depth. */
export function checkMessage(value: unknown, depth: number): Readonly<Record<string, unknown>> {
  if (depth > maxMessageDepth)
    throw new FieldFault(`messages nest deeper than ${maxMessageDepth} levels, or one contains itself`)
  if (isRecord(value)) return value
  throw new FieldFault(`${describeValue(value)} is no message`)
}

/** The value of a field; `undefined` when it is not set. */
export function present(field: FieldShape, message: Readonly<Record<string, unknown>>): unknown {
  const { name, presence } = field
  const value = message[name]
  // Every object has a `constructor`, and a few others.
  if (value !== undefined && value !== null && (!field.inherited || Object.hasOwn(message, name)))
    return value
  if (presence === 'required') throw located(new FieldFault('is required'), name)
  return undefined
}

/** Throws where two members of a `oneof` are set. */
export function checkChoices(shape: MessageShape, message: Readonly<Record<string, unknown>>): void {
  for (const names of shape.choices) {
    const set = names.filter(name => message[name] !== undefined && message[name] !== null)
    if (set.length > 1) throw new FieldFault(`${set.join(' and ')} exclude each other: they are one oneof`)
  }
}
