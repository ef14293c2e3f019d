import type { EndpointDefinition, TypeRef } from './endpoint.js'
import type { EndpointRecord, ValueRecord } from './registry.js'
import { schemaRecord } from './schema-record.js'
import type { StandardSchema } from './standard-schema.js'

/** What Go shows for a value without a struct, such as a map: so readers that expect a value find one. */
const untyped: ValueRecord = { name: '', type: '', values: [] }

/** What Go shows for the two parameters of a streaming method. */
const goContext: ValueRecord = { name: 'Context', type: 'Context', values: [] }
const goStreamer: ValueRecord = { name: 'Streamer', type: 'Streamer', values: [] }

/** What of an endpoint's definition a registry shows. */
export type RegisteredEndpoint = Pick<
  EndpointDefinition,
  'name' | 'cardinality' | 'request' | 'response' | 'requestSchema' | 'responseSchema' | 'metadata'
>

/**
 * A method as go-micro's registries show it (PROTOCOL section 8). The metadata is `stream`, `true` or `false`, and what the
 * definition adds; the definition's own `stream` counts. A Standard Schema is shown as far as its vendor gives it as JSON Schema.
 */
export function endpointRecord({
  name,
  cardinality,
  request,
  response,
  requestSchema,
  responseSchema,
  metadata,
}: RegisteredEndpoint): EndpointRecord {
  const unary = cardinality === 'unary'
  const method = name.slice(name.lastIndexOf('.') + 1)
  const shown = (schema: StandardSchema | undefined, side: 'input' | 'output', typeName: string) =>
    schema === undefined ? untyped : (schemaRecord(schema, side, typeName) ?? untyped)
  return {
    name,
    request: unary ? (request?.record ?? shown(requestSchema, 'input', `${method}Request`)) : goContext,
    response: unary ? (response?.record ?? shown(responseSchema, 'output', `${method}Response`)) : goStreamer,
    metadata: { stream: String(!unary), ...metadata },
  }
}

/** A subscriber of a topic as go-micro's registries show it: no answer, and the topic in the metadata (PROTOCOL section 8). */
export function subscriberRecord(
  name: string,
  topic: string,
  type?: Pick<TypeRef, 'record'>,
): EndpointRecord {
  return {
    name,
    request: type?.record ?? untyped,
    response: undefined,
    metadata: { topic, subscriber: 'true' },
  }
}
