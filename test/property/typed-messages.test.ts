import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { everythingSource, everythingType, nothing } from '../support/codec-samples.js'

/** What protobufjs alone makes of the same type. */
const plain = protobufjs
  .parse(everythingSource, new protobufjs.Root())
  .root.resolveAll()
  .root.lookupType('Everything')

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const int32 = fc.integer()
const uint32 = fc.nat(2 ** 32 - 1)
const text = fc.string({ unit: 'grapheme' })
const bytes = fc.uint8Array({ maxLength: 20 })
const color = fc.constantFrom(0, 1, 5, 77)
const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor'))

const flat = fc.record(
  {
    aDouble: fc.double({ noNaN: true, noDefaultInfinity: true }),
    aFloat: fc.float({ noNaN: true, noDefaultInfinity: true }),
    ...{ anInt32: int32, aSint32: int32, aSfixed32: int32, aUint32: uint32, aFixed32: uint32 },
    ...{ anInt64: int64, aSint64: int64, aSfixed64: int64, aUint64: uint64, aFixed64: uint64 },
    ...{ aBool: fc.boolean(), aString: text, someBytes: bytes, color },
    ...{ longs: fc.array(int64), zigzags: fc.array(int64), fixeds: fc.array(uint64) },
    ...{ strings: fc.array(text), colors: fc.array(color), blobs: fc.array(bytes) },
    counts: fc.dictionary(key, int64, { noNullPrototype: true }),
    names: fc.dictionary(int64.map(String), text, { noNullPrototype: true }),
    doubles: fc.dictionary(uint32.map(String), fc.double({ noNaN: true, noDefaultInfinity: true }), {
      noNullPrototype: true,
    }),
    ...{ maybe: int64, maybeText: text },
  },
  { requiredKeys: [] },
)
const choice = fc.oneof(
  fc.constant({}),
  text.map(each => ({ text: each })),
  uint64.map(number => ({ number })),
)
const message = fc.letrec<{ node: Record<string, unknown> }>(tie => ({
  node: fc
    .tuple(
      flat,
      choice,
      fc.oneof(
        { maxDepth: 2, withCrossShrink: true },
        fc.constant({}),
        fc.record(
          {
            child: tie('node'),
            children: fc.array(tie('node'), { maxLength: 1 }),
            branches: fc.dictionary(fc.constantFrom('true', 'false'), tie('node'), { noNullPrototype: true }),
          },
          { requiredKeys: [] },
        ),
      ),
    )
    .map(parts => Object.assign({ ...nothing }, ...parts) as Record<string, unknown>),
})).node

describe('typed messages', () => {
  it('any message comes back from protobuf and from JSON as it was', () => {
    fc.assert(
      fc.property(message, each => {
        expect(everythingType.decodeBinary(everythingType.encodeBinary(each))).toStrictEqual(each)
        expect(everythingType.decodeJson(everythingType.encodeJson(each))).toStrictEqual(each)
      }),
      { numRuns: 60 },
    )
  })

  it('the bytes are those of protobufjs, and it reads them alike', () => {
    fc.assert(
      fc.property(message, each => {
        const bytes = everythingType.encodeBinary(each)
        const same = plain.encode(plain.fromObject(each)).finish()
        expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(same).toString('hex'))
        const read = plain.toObject(plain.decode(Uint8Array.from(bytes)), { longs: BigInt })
        expect(everythingType.decodeBinary(bytes)).toMatchObject(read)
      }),
      { numRuns: 60 },
    )
  })

  it('whatever is done to the bytes or the text: a message or bad_request', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(message, edits, fc.nat(), fc.boolean(), (each, changes, cut, binary) => {
        const encoded = binary
          ? everythingType.encodeBinary(each)
          : new TextEncoder().encode(everythingType.encodeJson(each))
        const body = Uint8Array.from(encoded.subarray(0, cut % (encoded.length + 1)))
        for (const [at, byte] of changes) if (body.length > 0) body[at % body.length] = byte
        try {
          if (binary) everythingType.decodeBinary(body)
          else everythingType.decodeJson(Buffer.from(body).toString())
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError)
          expect(error).toMatchObject({ kind: 'bad_request' })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('any value at all is written or refused as bad_request', () => {
    const shape = fc.dictionary(
      fc.constantFrom(...Object.keys(nothing), 'child', 'text', 'maybe'),
      fc.anything(),
    )
    fc.assert(
      fc.property(fc.oneof(fc.anything(), shape), each => {
        for (const write of [everythingType.encodeBinary, everythingType.encodeJson])
          try {
            write(each as Record<string, unknown>)
          } catch (error) {
            expect(error).toBeInstanceOf(ServiceError)
            expect(error).toMatchObject({ kind: 'bad_request' })
          }
      }),
      { numRuns: 200 },
    )
  })
})
