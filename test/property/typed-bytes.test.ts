import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { expect, test } from 'vitest'
import { parseProto } from '../../src/adapters/codec/proto-types.js'
import { everythingSource } from '../support/codec-samples.js'

const proto2Source = `
  syntax = "proto2";
  enum Level { LOW = 1; HIGH = 2; }
  message Everything {
    optional Everything child = 1; repeated group Part = 2 { optional int32 n = 1; optional Level level = 2; repeated Everything inner = 3; }
    repeated Level levels = 3; repeated Level packed = 4 [packed = true]; map<int32, Level> named = 5;
    oneof choice { Everything one = 6; string text = 7; Level other = 8; }
    map<string, Everything> children = 9; optional sint64 long = 10; repeated double sizes = 11 [packed = true]; optional bytes blob = 12; repeated string texts = 13;
  }`

/** A varint, often longer than its value needs. */
const varint = fc
  .tuple(fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 10 }), fc.nat(0x7f))
  .map(([first, last]) => [...first, last])

/** Fields of the numbers and wire types that a message may have, with whatever may stand in them. */
const fields = fc.letrec<{ fields: number[] }>(tie => {
  const bytes = (length: number) => fc.array(fc.nat(255), { minLength: length, maxLength: length })
  const piece = fc.oneof(
    { maxDepth: 3 },
    fc.array(fc.oneof(fc.nat(0x7f), fc.nat(0xff)), { maxLength: 6 }),
    tie('fields'),
  )
  const value = fc.oneof(
    varint.map(body => ({ wireType: 0, body, end: false })),
    bytes(8).map(body => ({ wireType: 1, body, end: false })),
    bytes(4).map(body => ({ wireType: 5, body, end: false })),
    ...[0, 0, 0, 0, 1].map(more =>
      piece.map(body => ({ wireType: 2, body: [Math.min(0x7f, body.length + more), ...body], end: false })),
    ),
    piece.map(body => ({ wireType: 3, body, end: true })),
  )
  const field = fc.tuple(fc.integer({ min: 1, max: 35 }), value).map(([number, { wireType, body, end }]) => {
    return [...tag(number, wireType), ...body, ...(end ? tag(number, 4) : [])]
  })
  return { fields: fc.array(field, { maxLength: 5 }).map(all => all.flat()) }
}).fields

function tag(number: number, wireType: number): readonly number[] {
  const value = (number << 3) | wireType
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7]
}

test.each([
  ['proto3', everythingSource, 'samples.Everything'],
  ['proto2', proto2Source, 'Everything'],
])(
  'whatever bytes of %s there are: protobufjs reads the same from them, or refuses them too',
  (_, source, name) => {
    const type = parseProto(source).type(name)
    const theirs = protobufjs.parse(source, new protobufjs.Root()).root.resolveAll().root.lookupType(name)
    const options = { longs: BigInt, arrays: true, objects: true }
    const outcome = (read: () => unknown) => {
      try {
        return { value: read() }
      } catch {
        return 'refused'
      }
    }
    fc.assert(
      fc.property(fields, all => {
        const bytes = Uint8Array.from(all)
        const expected = outcome(() => theirs.toObject(theirs.decode(bytes), options))
        const found = outcome(() => type.decodeBinary(bytes))
        if (expected === 'refused') expect(found).toBe(expected)
        else expect(found).toMatchObject(expected)
      }),
      { numRuns: 1_000 },
    )
  },
)
