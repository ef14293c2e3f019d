import type { Writer } from 'protobufjs/minimal.js'
import type { JsonElement } from './element.js'
import { FieldFault, describeValue } from './field-fault.js'

/** Values of one type: those that fit, as they are written as protobuf, and as JSON. */
export interface ScalarValue<T> extends JsonElement {
  /** The value as it is written. Throws for one that does not fit. */
  check(value: unknown): T
}

/** A 64-bit integer as the writer of protobufjs takes it. */
type Long = Parameters<Writer['int64']>[0]

/** An integer of 32 bits: a number. */
export function integer32(name: 'int32' | 'uint32', least: number, most: number): ScalarValue<number> {
  const check = (value: unknown): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new FieldFault(`${describeValue(value)} is no ${name}, an integer from ${least} to ${most}`)
  }
  return {
    zero: () => 0,
    isZero: value => value === 0,
    check,
    toJson: value => String(check(value)),
    fromJson: json => check(isDigits(json) ? Number(json) : json) + 0, // + 0: an integer has no -0
  }
}

/** An integer of 64 bits: a bigint. A safe number is accepted as well. */
export function integer64(name: 'int64' | 'uint64', least: bigint, most: bigint): ScalarValue<Long> {
  const check = (value: unknown): bigint | number => {
    if (typeof value === 'bigint' && value >= least && value <= most) return value
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
    throw new FieldFault(`${describeValue(value)} is no ${name}: a bigint of 64 bits, or a safe integer`)
  }
  return {
    zero: () => 0n,
    isZero: value => value === 0n || value === 0,
    check: value => numberOrHalves(check(value)),
    toJson: value => String(check(value)),
    fromJson: json => BigInt(check(isDigits(json) ? BigInt(json) : json)),
  }
}

function numberOrHalves(value: bigint | number): Long {
  if (typeof value === 'number') return value
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  const low = Number(BigInt.asIntN(32, value))
  const high = Number(BigInt.asIntN(32, value >> 32n))
  return { low, high, unsigned: value >= 0n }
}

/** protobuf's own JSON form writes 64-bit integers as text. */
function isDigits(json: unknown): json is string {
  return typeof json === 'string' && /^-?[0-9]{1,20}$/.test(json)
}
