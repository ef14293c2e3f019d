import type { FieldDescription } from './description.js'
import type { Element } from './element.js'
import { enumElement } from './enum-element.js'
import { fieldName, jsonName } from './field-names.js'
import { memberField, messageField, singleField } from './field-wire.js'
import { listElement, listField } from './list-field.js'
import { mapElement, mapField } from './map-field.js'
import { mapKey } from './map-keys.js'
import { groupElement, messageElement } from './message-element.js'
import { messageShape, type FieldShape, type MessageShape } from './message-shape.js'
import { lenientString, scalarElements } from './scalar-elements.js'
import type { Schema } from './schema.js'

/** Gives the shape of a message type by its full name. Throws `not_found`. */
export type ShapeOf = (name: string) => MessageShape

/** A compiler for the types of a schema. Each is compiled once, when it is first used. */
export function createCompiler(schema: Schema): ShapeOf {
  const shapes = new Map<string, MessageShape>()
  const shapeOf: ShapeOf = name => {
    const known = shapes.get(name)
    if (known !== undefined) return known
    const shape = compile(schema.fieldsOf(name), schema, shapeOf)
    shapes.set(name, shape)
    return shape
  }
  return shapeOf
}

function compile(fields: readonly FieldDescription[], schema: Schema, shapeOf: ShapeOf): MessageShape {
  const choices = choicesOf(fields)
  return messageShape(
    fields.map(field => fieldShape(field, schema, shapeOf, choices)),
    choices,
  )
}

/** The names of the members of each `oneof`. */
function choicesOf(fields: readonly FieldDescription[]): readonly (readonly string[])[] {
  const choices = new Map<string, string[]>()
  for (const field of fields) {
    const { oneof } = field
    if (oneof !== undefined) choices.set(oneof, [...(choices.get(oneof) ?? []), nameOf(field)])
  }
  return [...choices.values()]
}

function fieldShape(
  field: FieldDescription,
  schema: Schema,
  shapeOf: ShapeOf,
  choices: readonly (readonly string[])[],
): FieldShape {
  const name = nameOf(field)
  const base = {
    name,
    wireName: field.name,
    jsonNames: [field.json ?? jsonName(field.name), name],
    number: field.number,
    inherited: name in Object.prototype,
  }
  const item = itemElement(field, schema, shapeOf)
  const isMessage = schema.hasMessage(field.type)
  const blank = () => (isMessage ? shapeOf(field.type).create() : item.zero())
  if (field.key !== undefined) {
    const keys = mapKey(field.key, scalar(field.key, field))
    const wire = mapField(name, field.number, keys, item, blank)
    return { ...base, presence: 'implicit', element: mapElement(keys, item, blank), wire }
  }
  if (field.repeated === true) {
    const wire = listField(name, field.number, item, field.packed === true)
    return { ...base, presence: 'implicit', element: listElement(item, blank), wire }
  }
  const presence = presenceOf(field, isMessage)
  const wire = isMessage
    ? messageField(name, field.number, item)
    : singleField(name, field.number, item, presence === 'implicit')
  const others = choices.find(names => names.includes(name))?.filter(other => other !== name)
  return {
    ...base,
    presence,
    element: item,
    wire: others === undefined ? wire : memberField(wire, others),
  }
}

function presenceOf(
  { required, optional, oneof }: FieldDescription,
  isMessage: boolean,
): FieldShape['presence'] {
  if (required === true) return 'required'
  return isMessage || optional === true || oneof !== undefined ? 'explicit' : 'implicit'
}

function itemElement(field: FieldDescription, schema: Schema, shapeOf: ShapeOf): Element {
  const { type, number, group } = field
  if (schema.hasMessage(type)) {
    const shape = () => shapeOf(type)
    return group === true ? groupElement(shape, number) : messageElement(shape)
  }
  const values = schema.enumOf(type)
  return values === undefined ? scalar(type, field) : enumElement(type, values)
}

function scalar(type: string, { name, lenient }: FieldDescription): Element {
  if (type === 'string' && lenient === true) return lenientString
  const element = Object.hasOwn(scalarElements, type) ? scalarElements[type] : undefined
  if (element === undefined) throw new Error(`${name}: unknown type ${type}`)
  return element
}

function nameOf({ name, property }: FieldDescription): string {
  return property ?? fieldName(name)
}
