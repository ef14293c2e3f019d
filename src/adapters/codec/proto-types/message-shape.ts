import type { JsonElement } from './element.js'
import type { FieldWire } from './field-wire.js'

/** One field of a message type. */
export interface FieldShape {
  /** The name in TypeScript, lowerCamelCase. */
  readonly name: string
  /** The name in the `.proto` file, which is the one in JSON. */
  readonly wireName: string
  /** Further names that JSON may use for it. */
  readonly jsonNames: readonly string[]
  readonly number: number
  /** `implicit`: the zero value is not written, and is there when nothing was read. */
  readonly presence: 'implicit' | 'explicit' | 'required'
  /** Every object has something of that name. */
  readonly inherited: boolean
  readonly element: JsonElement
  readonly wire: FieldWire
}

/** A message type, ready to check, write and read its values. */
export interface MessageShape {
  /** In the order of the `.proto` file. */
  readonly fields: readonly FieldShape[]
  /** In the order of their numbers, in which they are written. */
  readonly ordered: readonly FieldShape[]
  readonly byNumber: ReadonlyMap<number, FieldShape>
  /** The names of the fields without which a message is refused. */
  readonly required: readonly string[]
  /** The names of fields of which one at most may be set, for each `oneof`. */
  readonly choices: readonly (readonly string[])[]
  /** The fields by their names in JSON: the exact ones, and all in lower case. */
  readonly byJsonName: ReadonlyMap<string, FieldShape>
  /** A new value in which every field of implicit presence is zero. */
  create(): Record<string, unknown>
}

/** The shape of a message with these fields. */
export function messageShape(
  fields: readonly FieldShape[],
  choices: readonly (readonly string[])[],
): MessageShape {
  return {
    fields,
    ordered: [...fields].sort((a, b) => a.number - b.number),
    byNumber: new Map(fields.map(field => [field.number, field])),
    required: fields.filter(({ presence }) => presence === 'required').map(({ name }) => name),
    choices,
    byJsonName: indexNames(fields),
    create: creator(fields),
  }
}

function creator(fields: readonly FieldShape[]): () => Record<string, unknown> {
  const zeros: Record<string, unknown> = {}
  const made: FieldShape[] = []
  for (const field of fields) {
    if (field.presence !== 'implicit') continue
    const zero = field.element.zero()
    zeros[field.name] = zero
    if (typeof zero === 'object') made.push(field)
  }
  // What a spread gives takes a microsecond to add a property to (V8 11).
  const isWhole = fields.every(({ presence }) => presence === 'implicit')
  return () => {
    const message = isWhole ? { ...zeros } : Object.assign({}, zeros)
    for (const { name, element } of made) message[name] = element.zero()
    return message
  }
}

function indexNames(fields: readonly FieldShape[]): ReadonlyMap<string, FieldShape> {
  const index = new Map<string, FieldShape>()
  const add = (name: string, field: FieldShape) => void (index.has(name) || index.set(name, field))
  for (const field of fields) add(field.wireName, field)
  for (const field of fields) for (const name of field.jsonNames) add(name, field)
  for (const [name, field] of [...index]) add(name.toLowerCase(), field)
  return index
}
