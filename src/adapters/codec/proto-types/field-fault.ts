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

/** Runs `work` on a value of the message type `name`; every failure of it is a `bad_request` that names type and field. */
export function atBorder<T>(name: string, what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof FieldFault) throw bad(`${name}: ${showPath(cause.path)}: ${cause.message}`, cause)
    if (cause instanceof ServiceError) throw cause
    throw bad(`${name}: ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
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
