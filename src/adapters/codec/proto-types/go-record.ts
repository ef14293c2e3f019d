import type { ValueRecord } from '../../../streams/index.js'
import type { FieldDescription } from './description.js'
import type { Schema } from './schema.js'

/** The names that Go gives to the scalar types. */
const goTypes: Readonly<Record<string, string>> = {
  ...{ double: 'float64', float: 'float32', bool: 'bool', string: 'string' },
  ...{ int32: 'int32', sint32: 'int32', sfixed32: 'int32', uint32: 'uint32', fixed32: 'uint32' },
  ...{ int64: 'int64', sint64: 'int64', sfixed64: 'int64', uint64: 'uint64', fixed64: 'uint64' },
}

/** Root, fields, and fields of fields. */
const levels = 3

/**
 * A message type as a registry shows it: what go-micro's extraction makes of the struct that protoc-gen-go writes for
 * it (PROTOCOL section 8).
 */
export function goRecord(type: string, schema: Schema): ValueRecord {
  return new GoRecords(schema).message(undefined, type, 0)
}

class GoRecords {
  constructor(private readonly schema: Schema) {}

  /** One without a name is shown under its type's. */
  message(name: string | undefined, type: string, level: number): ValueRecord {
    const values = level + 1 < levels ? this.members(type, level + 1) : []
    const goType = this.nameOf(type)
    return { name: name ?? goType, type: goType, values }
  }

  /** The struct's fields: a oneof is one field, in the place of its first member. */
  private members(type: string, level: number): readonly ValueRecord[] {
    const seen = new Set<string>()
    return this.schema.fieldsOf(type).flatMap(field => {
      const { oneof } = field
      if (oneof === undefined) return [this.field(field, level)]
      if (seen.has(oneof)) return []
      seen.add(oneof)
      // Go has an interface for it, without a name in JSON: then the type's name is shown.
      return [leaf(undefined, `is${this.nameOf(type)}_${goCase(oneof)}`)]
    })
  }

  private field(field: FieldDescription, level: number): ValueRecord {
    const { name, key, repeated } = field
    if (key !== undefined) return leaf(name, '')
    if (repeated !== true) return this.item(name, field, level)
    return slice(name, this.item(undefined, field, level + 1), level)
  }

  /** One value of a field's type. */
  private item(name: string | undefined, { type }: FieldDescription, level: number): ValueRecord {
    if (this.schema.hasMessage(type)) return this.message(name, type, level)
    if (type === 'bytes') return slice(name ?? '', leaf(undefined, 'uint8'), level)
    return leaf(name, goTypes[type] ?? this.nameOf(type))
  }

  /** The name of the Go type: without the package, nested names joined by `_`. */
  private nameOf(type: string): string {
    const at = type.lastIndexOf('.')
    const [parent, own] = [type.slice(0, Math.max(at, 0)), goCase(type.slice(at + 1))]
    return this.schema.hasMessage(parent) ? `${this.nameOf(parent)}_${own}` : own
  }
}

function slice(name: string, item: ValueRecord, level: number): ValueRecord {
  return { name, type: `[]${item.name}`, values: level + 1 < levels ? [item] : [] }
}

function leaf(name: string | undefined, type: string): ValueRecord {
  return { name: name ?? type, type, values: [] }
}

/** A `.proto` name as an exported name of Go: `some_name` becomes `SomeName`. */
function goCase(name: string): string {
  return name.replace(/(^|_)([a-z])/g, (_, _underscore: string, letter: string) => letter.toUpperCase())
}
