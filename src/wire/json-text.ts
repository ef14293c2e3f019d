/**
 * JSON text that loses nothing: no rounded integer, no NaN that becomes null, no bytes that become an object of numbers.
 * `JSON.parse` and `JSON.stringify` do the work wherever they are exact.
 */
import { ServiceError } from '../streams/index.js'
import { readCarefully, type LongInteger } from './json-text/careful-reader.js'
import { writeCarefully } from './json-text/careful-writer.js'
import { showPath } from './json-text/field-path.js'
import { surveyJson } from './json-text/survey.js'

/** How a JSON text is read. */
export interface JsonReading {
  /** How deep lists and objects may nest. */
  readonly maxDepth: number
  /** Integers beyond ±2^53 are read as `bigint`; otherwise they are refused. Smaller ones are numbers in any case. */
  readonly bigints: boolean
}

/**
 * The value of a JSON text. A number with a fraction or an exponent is the nearest number, as in `JSON.parse`. Throws
 * `bad_request` for a text that is not JSON, one that nests too deep, and an integer that a number cannot hold exactly.
 */
export function parseJson(text: string, { maxDepth, bigints }: JsonReading): unknown {
  const { depth, longInteger } = surveyJson(text)
  if (depth > maxDepth)
    throw new ServiceError('bad_request', `json: nests ${depth} levels deep; at most ${maxDepth} are allowed`)
  const value = parseNative(text)
  if (!longInteger) return value
  return readCarefully(text, bigints ? BigInt : refuseLongInteger)
}

/**
 * The JSON text of a value, with Go's escapes for `<`, `>`, `&` (PROTOCOL section 3.2). What `JSON.stringify` would leave
 * out at the root (`undefined`, a function) is `null`. Throws `bad_request` that names the field for what JSON cannot hold.
 */
export function stringifyJson(value: unknown, maxDepth: number): string {
  return escapeLikeGo(write(value, maxDepth) ?? 'null')
}

const escaped = ['<', '>', '&', '\u2028', '\u2029'] as const

/** From this length on looking for each character is faster than a regular expression. */
const longJson = 512

/** Writes the characters that Go escapes as `\u00XX`. In a JSON text they can only stand in strings. */
export function escapeLikeGo(json: string): string {
  if (json.length > longJson ? !escaped.some(each => json.includes(each)) : !/[<>&\u2028\u2029]/.test(json))
    return json
  return json.replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const refuseLongInteger: LongInteger = (digits, path) => {
  throw new ServiceError(
    'bad_request',
    `json: ${showPath(path)}: ${digits} is beyond ±2^53 and would be rounded; ` +
      `read it with a type or with the option bigints`,
  )
}

function parseNative(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new ServiceError('bad_request', `json: ${(cause as Error).message}`, { cause })
  }
}

function write(value: unknown, maxDepth: number): string | undefined {
  try {
    return isPlain(value, maxDepth) ? JSON.stringify(value) : writeCarefully(value, maxDepth)
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause
    // A getter or a toJSON of the value threw.
    throw new ServiceError('bad_request', `json: the value cannot be read: ${String(cause)}`, { cause })
  }
}

/** `JSON.stringify` writes this value without a loss. False where that takes a longer look to know. */
function isPlain(value: unknown, levels: number): boolean {
  switch (typeof value) {
    case 'number':
      return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER && !Object.is(value, -0)
    case 'bigint':
      return false
    case 'object':
      return value === null || (levels > 0 && isPlainObject(value, levels - 1))
    default:
      return true
  }
}

function isPlainObject(value: object, levels: number): boolean {
  if ('toJSON' in value) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, levels)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], levels)) return false
  return true
}
