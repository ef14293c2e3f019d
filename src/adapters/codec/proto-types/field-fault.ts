import { ServiceError } from '../../../streams/index.js'
import { showPath } from '../../../wire/json-text/field-path.js'

/** A value that does not fit its field. The path grows from the inside out while the fault passes the fields around it. */
export class FieldFault extends Error {
  readonly path: (string | number)[] = []
}

/** The same fault, seen from one level further out. */
export function located(fault: unknown, step: string | number): unknown {
  if (fault instanceof FieldFault) fault.path.unshift(step)
  return fault
}

/** What a failure with a value of the message type `name` is told as: a `bad_request` that names type and field. */
export function borderError(name: string, what: string, cause: unknown): ServiceError {
  if (cause instanceof FieldFault) return bad(`${name}: ${showPath(cause.path)}: ${cause.message}`, cause)
  if (cause instanceof ServiceError) return cause
  return bad(`${name}: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
}

function bad(detail: string, cause: unknown): ServiceError {
  return new ServiceError('bad_request', detail, { cause })
}

/** A value in an error text: what kind it is, and itself if it is short. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40
        ? `a string of ${value.length} characters`
        : `the string ${JSON.stringify(value)}`
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? 'a list' : `an object (${value.constructor?.name ?? 'no prototype'})`
    case 'bigint':
      return `the bigint ${value}`
    case 'undefined':
      return 'nothing'
    case 'function':
    case 'symbol':
      return `a ${typeof value}`
    default:
      return `the ${typeof value} ${String(value)}`
  }
}

/** An object that can have fields: no list, no bytes, no Map and the like. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (Object.getPrototypeOf(value) === Object.prototype) return true // most are, and the rest costs more
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return false
  return !(value instanceof Map || value instanceof Set || value instanceof Date)
}
