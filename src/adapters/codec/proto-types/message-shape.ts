import type { Element } from './element.js'

/** One field of a message type. */
export interface FieldShape {
  /** The name in TypeScript, lowerCamelCase. */
  readonly name: string
  /** The name in the `.proto` file, which is the one in JSON. */
  readonly wireName: string
  /** `implicit`: the zero value is not written, and is there when nothing was read. */
  readonly presence: 'implicit' | 'explicit' | 'required'
  readonly element: Element
}

/** A message type, ready to check, write and read its values. */
export interface MessageShape {
  /** In the order of the `.proto` file. */
  readonly fields: readonly FieldShape[]
  /** The names of fields of which one at most may be set, for each `oneof`. */
  readonly choices: readonly (readonly string[])[]
  /** The fields by their names in JSON: the exact ones, and all in lower case. */
  readonly byJsonName: ReadonlyMap<string, FieldShape>
  /** A new value in which every field of implicit presence is zero. */
  create(): Record<string, unknown>
}

/** The shape of a message with these fields. `jsonNames` are further names that JSON may use for a field. */
export function messageShape(
  fields: readonly FieldShape[],
  choices: readonly (readonly string[])[],
  jsonNames: ReadonlyMap<FieldShape, readonly string[]>,
): MessageShape {
  const implicit = fields.filter(field => field.presence === 'implicit')
  return {
    fields,
    choices,
    byJsonName: indexNames(fields, jsonNames),
    create() {
      const message: Record<string, unknown> = {}
      for (const { name, element } of implicit) message[name] = element.zero()
      return message
    },
  }
}

function indexNames(
  fields: readonly FieldShape[],
  jsonNames: ReadonlyMap<FieldShape, readonly string[]>,
): ReadonlyMap<string, FieldShape> {
  const index = new Map<string, FieldShape>()
  const add = (name: string, field: FieldShape) => void (index.has(name) || index.set(name, field))
  for (const field of fields) add(field.wireName, field)
  for (const field of fields) for (const name of jsonNames.get(field) ?? []) add(name, field)
  for (const [name, field] of [...index]) add(name.toLowerCase(), field)
  return index
}
