import { isRecord } from './collection-elements.js'
import { maxMessageDepth, type Element } from './element.js'
import { FieldFault, describeValue, located } from './field-fault.js'
import type { FieldShape, MessageShape } from './message-shape.js'

/** A message: a plain object. `shape` is asked for when a value comes, because message types may contain themselves. */
export function messageElement(shape: () => MessageShape): Element {
  return {
    zero: () => undefined,
    isZero: () => false,
    toMessage: (value, depth) => toMessage(shape(), checkMessage(value, depth), depth),
    toJson: (value, depth) => toJson(shape(), checkMessage(value, depth), depth),
    fromJson: (json, depth) => fromJson(shape(), checkMessage(json, depth), depth),
  }
}

function checkMessage(value: unknown, depth: number): Readonly<Record<string, unknown>> {
  if (depth > maxMessageDepth)
    throw new FieldFault(`messages nest deeper than ${maxMessageDepth} levels, or one contains itself`)
  if (isRecord(value)) return value
  throw new FieldFault(`${describeValue(value)} is no message`)
}

/** Checks every field. The value itself is returned where the encoder can take it as it is. */
function toMessage(
  shape: MessageShape,
  value: Readonly<Record<string, unknown>>,
  depth: number,
): Readonly<Record<string, unknown>> {
  // The encoder writes own properties only; an object with a class may keep its fields elsewhere.
  let copy: Record<string, unknown> | undefined = isPlain(value) ? undefined : {}
  let at: FieldShape | undefined
  // One handler around all fields, not a function for each: this is on the path of every message.
  try {
    for (const field of shape.fields) {
      const given = present(field, value)
      if (given === undefined) continue
      at = field
      const converted = field.element.toMessage(given, depth + 1)
      at = undefined
      if (converted !== given) copy ??= { ...value }
      if (copy !== undefined) copy[field.name] = converted
    }
  } catch (fault) {
    throw at === undefined ? fault : located(fault, at.name)
  }
  checkChoices(shape, value)
  return copy ?? value
}

function toJson(shape: MessageShape, value: Readonly<Record<string, unknown>>, depth: number): string {
  let text = ''
  for (const field of shape.fields) {
    const given = present(field, value)
    if (given === undefined) continue
    const json = inField(field, () => field.element.toJson(given, depth + 1))
    if (field.presence === 'implicit' && field.element.isZero(given)) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(field.wireName)}:${json}`
  }
  checkChoices(shape, value)
  return `{${text}}`
}

/** Unknown members are ignored, `null` is as good as absent, and names match in any case, as in Go. */
function fromJson(
  shape: MessageShape,
  json: Readonly<Record<string, unknown>>,
  depth: number,
): Record<string, unknown> {
  const message = shape.create()
  for (const key of Object.keys(json)) {
    const field = shape.byJsonName.get(key) ?? shape.byJsonName.get(key.toLowerCase())
    const given = json[key]
    if (field === undefined || given === null) continue
    message[field.name] = inField(field, () => field.element.fromJson(given, depth + 1))
  }
  for (const field of shape.fields) present(field, message)
  checkChoices(shape, message)
  return message
}

/** The value of a field; `undefined` when it is not set. */
function present(field: FieldShape, value: Readonly<Record<string, unknown>>): unknown {
  const given = value[field.name]
  if (given !== undefined && given !== null) return given
  if (field.presence === 'required') throw located(new FieldFault('is required'), field.name)
  return undefined
}

function inField<T>(field: FieldShape, work: () => T): T {
  try {
    return work()
  } catch (fault) {
    throw located(fault, field.name)
  }
}

function checkChoices(shape: MessageShape, value: Readonly<Record<string, unknown>>): void {
  for (const names of shape.choices) {
    const set = names.filter(name => value[name] !== undefined && value[name] !== null)
    if (set.length > 1) throw new FieldFault(`${set.join(' and ')} exclude each other: they are one oneof`)
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
