import { ServiceError } from '../../streams/index.js'
import { base64 } from './base64.js'
import { showPath } from './field-path.js'

/**
 * Writes a value as `JSON.stringify` does (`toJSON`, what is `undefined` is left out), and what that cannot write or would
 * lose: a bigint as digits, bytes as base64, a number beyond ±2^53 with an exponent, -0 with its sign. Throws
 * `bad_request` that names the field for a cycle, a NaN, a Map and their like. `undefined` when the value itself is left out.
 */
export function writeCarefully(value: unknown, maxDepth: number): string | undefined {
  return new CarefulWriter(maxDepth).write('', value)
}

class CarefulWriter {
  private readonly path: (string | number)[] = []
  private readonly open = new Set<object>()

  constructor(private readonly maxDepth: number) {}

  write(key: string, given: unknown): string | undefined {
    const value = given instanceof Uint8Array ? given : unwrap(key, given)
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return JSON.stringify(value)
      case 'number':
        return this.number(value)
      case 'bigint':
        return String(value)
      case 'object':
        return value === null ? 'null' : this.object(value)
      default:
        return undefined
    }
  }

  private number(value: number): string {
    if (!Number.isFinite(value)) this.refuse(`${value} is not a number that JSON can hold`)
    if (Object.is(value, -0)) return '-0'
    // The exponent says that this is no exact integer: a reader that counts with integers will not take it for one.
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
  }

  private object(value: object): string {
    if (value instanceof Uint8Array) return `"${base64(value)}"`
    const refused = unwritable(value)
    if (refused !== undefined) this.refuse(refused)
    if (this.open.has(value)) this.refuse('the value contains itself')
    if (this.open.size >= this.maxDepth) this.refuse(`nests deeper than ${this.maxDepth} levels`)
    this.open.add(value)
    const text = Array.isArray(value) ? this.list(value) : this.record(value as Record<string, unknown>)
    this.open.delete(value)
    return text
  }

  private list(values: readonly unknown[]): string {
    const items: string[] = []
    for (let at = 0; at < values.length; at += 1) {
      this.path.push(at)
      items.push(this.write(String(at), values[at]) ?? 'null')
      this.path.pop()
    }
    return `[${items.join(',')}]`
  }

  private record(values: Readonly<Record<string, unknown>>): string {
    const members: string[] = []
    for (const key of Object.keys(values)) {
      this.path.push(key)
      const text = this.write(key, values[key])
      this.path.pop()
      if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`)
    }
    return `{${members.join(',')}}`
  }

  private refuse(reason: string): never {
    throw new ServiceError('bad_request', `json: ${showPath(this.path)}: ${reason}`)
  }
}

/** What `toJSON` gives, and the primitive of a boxed one: the first steps of `JSON.stringify`. */
function unwrap(key: string, value: unknown): unknown {
  const own = hasToJson(value) ? value.toJSON(key) : value
  if (own instanceof Number || own instanceof String || own instanceof Boolean || own instanceof BigInt)
    return own.valueOf()
  return own
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { toJSON?: unknown }).toJSON === 'function'
  )
}

/** The reason why `JSON.stringify` would write `{}` or worse for this object, and what to write instead. */
function unwritable(value: object): string | undefined {
  if (value instanceof Map) return 'a Map has no form in JSON; use Object.fromEntries(map)'
  if (value instanceof Set) return 'a Set has no form in JSON; use [...set]'
  if (value instanceof Promise) return 'a Promise has no form in JSON; await it first'
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `a ${value.constructor.name} has no form in JSON; use a Uint8Array for bytes or Array.from for numbers`
  return undefined
}
