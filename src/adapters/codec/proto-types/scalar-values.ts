import { base64 } from '../../../wire/json-text/base64.js'
import { FieldFault, describeValue } from './field-fault.js'
import type { ScalarValue } from './integer-values.js'

/** True or false. */
export const bool: ScalarValue<boolean> = {
  zero: () => false,
  isZero: value => value === false,
  check: checkBoolean,
  toJson: value => String(checkBoolean(value)),
  fromJson: checkBoolean,
}

/** A text. Whether it has half of a surrogate pair, the writer sees. */
export const string: ScalarValue<string> = {
  zero: () => '',
  isZero: value => value === '',
  check: checkString,
  toJson: value => JSON.stringify(checkString(value)),
  fromJson: checkString,
}

/** Bytes: base64 in JSON. */
export const bytes: ScalarValue<Uint8Array> = {
  zero: () => new Uint8Array(0),
  isZero: value => checkBytes(value).length === 0,
  check: checkBytes,
  toJson: value => `"${base64(checkBytes(value))}"`,
  fromJson: json => bytesOfBase64(checkString(json)),
}

/** A number of 64 bits. */
export const double: ScalarValue<number> = {
  zero: () => 0,
  isZero: value => Object.is(value, 0),
  check: checkNumber,
  toJson: value => jsonOfNumber(checkNumber(value)),
  fromJson: numberOfJson,
}

/** A number of 32 bits. */
export const float: ScalarValue<number> = {
  ...double,
  check: checkFloat,
  toJson: value => jsonOfNumber(shortestFloat(checkFloat(value))),
  fromJson: json => Math.fround(checkFloat(numberOfJson(json))),
}

function checkBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new FieldFault(`${describeValue(value)} is no boolean`)
}

function checkString(value: unknown): string {
  if (typeof value === 'string') return value
  throw new FieldFault(`${describeValue(value)} is no string`)
}

function checkBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new FieldFault(`${describeValue(value)} is no Uint8Array`)
}

function checkNumber(value: unknown): number {
  if (typeof value === 'number') return value
  throw new FieldFault(`${describeValue(value)} is no number`)
}

function checkFloat(value: unknown): number {
  const number = checkNumber(value)
  if (Number.isFinite(number) && !Number.isFinite(Math.fround(number)))
    throw new FieldFault(`${number} is too large for a float; use a double`)
  return number
}

function jsonOfNumber(value: number): string {
  if (!Number.isFinite(value)) throw new FieldFault(`${value} is not a number that JSON can hold`)
  if (Object.is(value, -0)) return '-0'
  // The exponent says that this is no exact integer.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

/** The number with the fewest digits that is the same float. */
function shortestFloat(value: number): number {
  const float = Math.fround(value)
  if (float === 0) return float // with its sign, which the digits lack
  for (let digits = 6; digits <= 9; digits += 1) {
    const short = Number(float.toPrecision(digits))
    if (Math.fround(short) === float) return short
  }
  return float
}

function numberOfJson(json: unknown): number {
  if (typeof json === 'bigint') return Number(json) // Go writes 1e20 as an integer
  // protobuf's own JSON form of what JSON cannot hold
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json)
  return checkNumber(json)
}

/** Go's alphabet, and the one for addresses that protobuf's own JSON form also allows; padding may be missing. */
function bytesOfBase64(text: string): Uint8Array {
  const standard = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(standard) || standard.length % 4 === 1)
    throw new FieldFault(`${describeValue(text)} is no base64`)
  return Uint8Array.from(atob(standard), character => character.charCodeAt(0))
}
