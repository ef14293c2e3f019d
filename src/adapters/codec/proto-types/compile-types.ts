import protobuf, { type Enum, type Field, type Type } from 'protobufjs'
import { listElement, mapElement } from './collection-elements.js'
import type { Element } from './element.js'
import { enumElement } from './enum-element.js'
import { installDecoder } from './binary-decoder.js'
import { mapKeyCheck } from './map-keys.js'
import { messageElement } from './message-element.js'
import { messageShape, type FieldShape, type MessageShape } from './message-shape.js'
import { scalarElements } from './scalar-elements.js'

/** Gives the shape of a message type. Each type is compiled once, together with all that its fields hold. */
export type ShapeOf = (type: Type) => MessageShape

/** A compiler for the types of one root, which it changes: their decoders return plain objects with bigints. */
export function createCompiler(): ShapeOf {
  const shapes = new Map<Type, MessageShape>()
  const shapeOf: ShapeOf = type => {
    const known = shapes.get(type)
    if (known !== undefined) return known
    const shape = compile(type, shapeOf)
    shapes.set(type, shape)
    installDecoder(type, shape)
    for (const { resolvedType } of type.fieldsArray)
      if (resolvedType instanceof protobuf.Type) shapeOf(resolvedType)
    return shape
  }
  return shapeOf
}

function compile(type: Type, shapeOf: ShapeOf): MessageShape {
  const jsonNames = new Map<FieldShape, readonly string[]>()
  const fields = type.fieldsArray.map(field => {
    const resolved = field.resolve()
    const shape: FieldShape = {
      name: resolved.name,
      wireName: resolved.protoName,
      presence: presenceOf(resolved),
      element: fieldElement(resolved, shapeOf),
    }
    jsonNames.set(shape, [resolved.jsonName, resolved.name])
    return shape
  })
  const choices = type.oneofsArray.filter(oneof => !oneof.isProto3Optional).map(oneof => oneof.oneof)
  return messageShape(fields, choices, jsonNames)
}

function presenceOf(field: Field): FieldShape['presence'] {
  if (field.required) return 'required'
  if (field.map || field.repeated) return 'implicit'
  return field.hasPresence || field.resolvedType instanceof protobuf.Type ? 'explicit' : 'implicit'
}

function fieldElement(field: Field, shapeOf: ShapeOf): Element {
  const item = itemElement(field, shapeOf)
  const blank = () => {
    const { resolvedType } = field
    return resolvedType instanceof protobuf.Type ? shapeOf(resolvedType).create() : item.zero()
  }
  if (field instanceof protobuf.MapField) return mapElement(mapKeyCheck(field.keyType), item, blank)
  return field.repeated ? listElement(item, blank) : item
}

function itemElement(field: Field, shapeOf: ShapeOf): Element {
  const { resolvedType } = field
  if (resolvedType instanceof protobuf.Type) return messageElement(() => shapeOf(resolvedType))
  if (resolvedType instanceof protobuf.Enum) return enumElement(resolvedType, firstValue(resolvedType, field))
  const scalar = scalarElements[field.type]
  if (scalar === undefined) throw new Error(`${field.fullName}: unknown type ${field.type}`)
  return scalar
}

/** The zero value: the default of the field, which is the first value of the enum. */
function firstValue({ values }: Enum, field: Field): number {
  return typeof field.typeDefault === 'number' ? field.typeDefault : (Object.values(values)[0] ?? 0)
}
