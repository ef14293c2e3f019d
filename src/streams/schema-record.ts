import type { ValueRecord } from './registry.js'
import type { StandardSchema } from './standard-schema.js'

/** Root, fields, and fields of fields. */
const levels = 3

/** What of JSON Schema is shown. */
interface JsonSchema {
  readonly type?: unknown
  readonly title?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
}

/** The names that Go gives to what JSON has. */
const goTypes: Readonly<Record<string, string>> = {
  ...{ string: 'string', boolean: 'bool', integer: 'int64', number: 'float64' },
}

/**
 * A message described by a Standard Schema as a registry shows it (PROTOCOL section 8): its fields, where the vendor gives the schema as JSON Schema; else
 * `undefined`. `side` is what is sent of it: what callers put in, or what comes out for them.
 */
export function schemaRecord(
  schema: StandardSchema,
  side: 'input' | 'output',
  name: string,
): ValueRecord | undefined {
  const json = jsonSchemaOf(schema, side)
  return json === undefined ? undefined : record(titleOf(json) ?? name, json, 0)
}

function jsonSchemaOf(schema: StandardSchema, side: 'input' | 'output'): JsonSchema | undefined {
  const { jsonSchema } = schema['~standard']
  if (jsonSchema === undefined) return undefined
  try {
    return jsonSchema[side]({ target: 'draft-2020-12' })
  } catch {
    return undefined // A schema may hold what JSON Schema cannot say, a Date for example: it is then shown without its fields.
  }
}

function record(name: string, schema: JsonSchema, level: number): ValueRecord {
  const { properties, items } = schema
  if (schema.type === 'array' && items !== undefined) {
    const item = record(typeName(items), items, level + 1)
    return { name, type: `[]${item.name}`, values: level + 1 < levels ? [item] : [] }
  }
  if (properties === undefined) return { name, type: typeName(schema), values: [] }
  const fields = Object.entries(properties).map(([field, value]) => record(field, value, level + 1))
  return { name, type: titleOf(schema) ?? name, values: level + 1 < levels ? fields : [] }
}

function typeName(schema: JsonSchema): string {
  return titleOf(schema) ?? (typeof schema.type === 'string' ? goTypes[schema.type] : undefined) ?? ''
}

function titleOf({ title }: JsonSchema): string | undefined {
  return typeof title === 'string' ? title : undefined
}
