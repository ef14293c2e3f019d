import { flag, resolveOptions, type Codec, type OptionRules, type TypeRef } from '../../streams/index.js'
import { ByteWriter } from '../../wire/byte-writer.js'
import { parseJson, stringifyJson } from '../../wire/json-text.js'
import { utf8Text } from '../../wire/utf8.js'

/** Options of {@link json}. */
export interface JsonOptions {
  /**
   * Without a type, an integer beyond ±2^53 is read as `bigint`; otherwise it is a `bad_request` that names the field.
   * @default false
   */
  readonly bigints?: boolean
  /**
   * How deep lists and objects may nest in a body without a type, from 1 to 1,000.
   * @default 128
   */
  readonly maxDepth?: number
}

/** The readers and writers recurse: more levels could exhaust the stack. */
const deepest = 1000

const rules: OptionRules<Required<JsonOptions>> = {
  bigints: flag(false),
  maxDepth: {
    fallback: 128,
    check: value => (isDepth(value) ? undefined : `a whole number from 1 to ${deepest}`),
  },
}

function isDepth(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= deepest
}

/**
 * The JSON codec. With a type it writes and reads what the type says. Without one it takes any value that JSON can hold:
 * a bigint is written as its digits, a `Uint8Array` as base64 text (and read as that text), `undefined` as `null`.
 * A body of no bytes is the zero value: the type's, or `{}` without a type.
 */
export function json(options?: JsonOptions): Codec {
  const reading = resolveOptions('json', options, rules)
  const writer = new ByteWriter()
  return {
    name: 'json',
    encode(value, type) {
      return writer.utf8(type === undefined ? stringifyJson(value, reading.maxDepth) : type.encodeJson(value))
    },
    decode(body, type) {
      if (body.length === 0) return zeroValue(type)
      const text = utf8Text(body, 'json')
      return type === undefined ? parseJson(text, reading) : type.decodeJson(text)
    },
  }
}

function zeroValue(type: TypeRef | undefined): unknown {
  return type === undefined ? {} : type.decodeJson('{}')
}
