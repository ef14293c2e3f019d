import { ServiceError, type TypeRef } from '../../../streams/index.js'
import type { Any, Duration, Struct, Timestamp, Value } from './well-known-types.js'

/** A value that JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** The point in time of a Date. Throws `bad_request` for an invalid one. */
export function timestampFromDate(date: Date): Timestamp {
  const milliseconds = date.getTime()
  if (Number.isNaN(milliseconds))
    throw new ServiceError('bad_request', 'timestampFromDate: the date is invalid')
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds: BigInt(seconds), nanos: (milliseconds - seconds * 1000) * 1_000_000 }
}

/** The Date of a point in time. What is finer than a millisecond is cut off. */
export function dateFromTimestamp({ seconds, nanos }: Timestamp): Date {
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1_000_000))
}

/** A span of time from milliseconds. Throws `bad_request` for what is no finite number. */
export function durationFromMs(milliseconds: number): Duration {
  if (!Number.isFinite(milliseconds))
    throw new ServiceError('bad_request', `durationFromMs: ${milliseconds} is no finite number`)
  const seconds = Math.trunc(milliseconds / 1000)
  return { seconds: BigInt(seconds), nanos: Math.round((milliseconds - seconds * 1000) * 1_000_000) + 0 }
}

/** The milliseconds of a span of time, with fractions. */
export function msFromDuration({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + nanos / 1_000_000
}

/** A Struct with the members of a plain object. */
export function structFromObject(object: { readonly [key: string]: JsonValue }): Struct {
  return {
    fields: Object.fromEntries(Object.entries(object).map(([key, value]) => [key, valueFromJson(value)])),
  }
}

/** The plain object of a Struct. */
export function objectFromStruct({ fields }: Struct): { [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, jsonFromValue(value)]))
}

/** A Value that holds what JSON can hold. */
export function valueFromJson(json: JsonValue): Value {
  if (json === null) return { nullValue: 0 }
  if (typeof json === 'boolean') return { boolValue: json }
  if (typeof json === 'number') return { numberValue: json }
  if (typeof json === 'string') return { stringValue: json }
  if (isList(json)) return { listValue: { values: json.map(valueFromJson) } }
  return { structValue: structFromObject(json) }
}

/** What a Value holds. One that is not set is `null`. */
export function jsonFromValue(value: Value): JsonValue {
  if (value.structValue !== undefined) return objectFromStruct(value.structValue)
  if (value.listValue !== undefined) return value.listValue.values.map(jsonFromValue)
  return value.boolValue ?? value.numberValue ?? value.stringValue ?? null
}

function isList(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json)
}

const anyPrefix = 'type.googleapis.com/'

/** A message with its type, for a field that takes any. Throws `bad_request` for a message that does not fit its type. */
export function packAny<Init>(type: TypeRef<unknown, Init>, message: Init): Any {
  return { typeUrl: `${anyPrefix}${type.name}`, value: type.encodeBinary(message) }
}

/** The message in an Any; `undefined` when it is of another type. Throws `bad_request` for bytes that are damaged. */
export function unpackAny<T>({ typeUrl, value }: Any, type: TypeRef<T, never>): T | undefined {
  return typeUrl.slice(typeUrl.lastIndexOf('/') + 1) === type.name ? type.decodeBinary(value) : undefined
}
