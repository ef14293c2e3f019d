import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { json } from '../../src/adapters/codec/json.js'
import { readCarefully } from '../../src/wire/json-text/careful-reader.js'
import { writeCarefully } from '../../src/wire/json-text/careful-writer.js'
import { parseJson, stringifyJson } from '../../src/wire/json-text.js'

const reading = { maxDepth: 128, bigints: false }
const never = () => {
  throw new Error('there is no long integer in it')
}

/** JSON values without an integer beyond 2^53, which would be refused, and without -0, which JSON.stringify takes for 0. */
const value = fc
  .jsonValue({ maxDepth: 5 })
  .map(each => JSON.stringify(each))
  .filter(text => !/[0-9]{16}/.test(text))
  .map(text => JSON.parse(text) as unknown)
const indent = fc.constantFrom('', ' ', '\n\t', '\r\n')

const long = fc
  .bigInt({ min: -(2n ** 70n), max: 2n ** 70n })
  .filter(each => !Number.isSafeInteger(Number(each)))
const withLongs = fc.letrec<{ node: unknown }>(tie => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(long, fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('node'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).node

describe('JSON text', () => {
  it('any JSON is read as JSON.parse reads it, fast and carefully', () => {
    fc.assert(
      fc.property(value, indent, (each, space) => {
        const text = JSON.stringify(each, null, space)
        const expected: unknown = JSON.parse(text)
        expect(parseJson(text, reading)).toStrictEqual(expected)
        expect(readCarefully(text, never)).toStrictEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('any value is written as JSON.stringify writes it, fast and carefully', () => {
    fc.assert(
      fc.property(value, each => {
        const expected: unknown = JSON.parse(JSON.stringify(each))
        expect(JSON.parse(stringifyJson(each, 128))).toEqual(expected)
        expect(JSON.parse(writeCarefully(each, 128) ?? 'null')).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('a value with long integers comes back with every digit, also under the key __proto__', () => {
    const codec = json({ bigints: true })
    fc.assert(
      fc.property(withLongs, each => {
        expect(codec.decode(codec.encode(each))).toStrictEqual(each)
        expect(({} as Record<string, unknown>)['0']).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('any bytes, and any text cut or changed, are a value or bad_request', () => {
    const codec = json()
    const damaged = fc.tuple(withLongs, fc.nat(), fc.string({ maxLength: 3 })).map(([each, at, put]) => {
      const text = stringifyJson(each, 128)
      const place = at % (text.length + 1)
      return new TextEncoder().encode(text.slice(0, place) + put + text.slice(place + put.length))
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged), body => {
        try {
          codec.decode(body)
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError)
          expect(error).toMatchObject({ kind: 'bad_request' })
        }
      }),
      { numRuns: 500 },
    )
  })
})
