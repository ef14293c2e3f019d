import type { EndpointRecord, Metadata, ValueRecord } from '../streams/index.js'

/**
 * Endpoints and metadata in go-micro's JSON (PROTOCOL section 8). Go writes `null` for what is empty and sorts the keys of
 * a map. Reading is tolerant: what has another type than it should is left out.
 */

/** Below this a message type has no more children: root, fields, their fields. */
const deepestLevel = 2

/** The JSON value of some endpoints, `null` for none. */
export function endpointsToJson(endpoints: readonly EndpointRecord[]): unknown {
  if (endpoints.length === 0) return null
  return endpoints.map(({ name, request, response, metadata }) => ({
    name,
    request: valueToJson(request),
    response: valueToJson(response),
    metadata: metadataToJson(metadata),
  }))
}

/** The JSON value of some metadata, `null` for none. */
export function metadataToJson(metadata: Metadata): unknown {
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

/** The endpoints in a JSON value. */
export function endpointsFromJson(json: unknown): readonly EndpointRecord[] {
  return listOf(json).flatMap(each => {
    const { name, request, response, metadata } = fieldsOf(each)
    if (typeof name !== 'string') return []
    const values = { request: valueFromJson(request, 0), response: valueFromJson(response, 0) }
    return [{ name, ...values, metadata: metadataFromJson(metadata) }]
  })
}

/** The metadata in a JSON value. */
export function metadataFromJson(json: unknown): Metadata {
  const entries = Object.entries(fieldsOf(json))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The fields of a JSON object, none for any other value. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return isObject ? (json as Record<string, unknown>) : {}
}

function valueToJson(value: ValueRecord | undefined): unknown {
  if (value === undefined) return null
  const { name, type, values } = value
  return { name, type, values: values.length === 0 ? null : values.map(valueToJson) }
}

function valueFromJson(json: unknown, level: number): ValueRecord | undefined {
  const { name, type, values } = fieldsOf(json)
  if (typeof name !== 'string' || typeof type !== 'string') return undefined
  const children = level < deepestLevel ? listOf(values) : []
  return { name, type, values: children.flatMap(child => valueFromJson(child, level + 1) ?? []) }
}

function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? (json as unknown[]) : []
}
