import protobuf from 'protobufjs'
import { describe, expect, it, test } from 'vitest'
import { protoFile, unknownFields, type FileDescription } from 'headrace/protobuf'
import { parseProto } from '../../../../src/adapters/codec/proto-types.js'
import { Record_ } from '../../../fixtures/proto/names.headrace.js'

const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })
const hex = (text: string) => Buffer.from(text, 'hex')
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const source = 'syntax = "proto3"; message M { string text = 1; M child = 2; repeated M list = 3; }'
const type = parseProto(source).type('M')
const plain = protobuf.parse(source, new protobuf.Root()).root.resolveAll().root.lookupType('M')
const zero = { text: '', list: [] }
/** What a message has that keeps these fields. */
const kept = (...fields: string[]) => ({ [unknownFields]: fields.map(each => Uint8Array.from(hex(each))) })

describe('texts', () => {
  // Where one way of writing them ends and another begins: a loop, the platform, room for three bytes of each character or for one.
  const lengths = [
    0, 1, 23, 24, 25, 42, 43, 126, 127, 128, 129, 1_023, 1_024, 1_025, 5_461, 16_383, 16_384, 20_000,
  ]

  test.each(['x', 'é', '世', '🎉', 'xé', 'x'.repeat(30) + '🎉'])('of %s in any length', piece => {
    for (const length of lengths) {
      const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
      if (/\p{Surrogate}/u.test(text)) continue
      const bytes = type.encodeBinary({ text, child: { text } })
      expect(hexOf(bytes)).toBe(hexOf(plain.encode({ text, child: { text } }).finish()))
      expect(type.decodeBinary(bytes)).toEqual({ ...zero, text, child: { ...zero, text } })
    }
  })

  test.each(['\ud800', 'a\udc00', '\udc00\ud800', '世'.repeat(600) + '\ud83c', 'x'.repeat(2_000) + '\ud83c'])(
    'with half of a surrogate pair are refused',
    text => {
      expect(() => type.encodeBinary({ list: [{}, { text }] })).toThrow(
        refusal('M: list[1].text: the string has half of a surrogate pair'),
      )
    },
  )

  test.each(['0a01ff', '0a02c328', `0a20${'61'.repeat(31)}ff`, '0a03edb080'])(
    'that are no UTF-8: %s',
    bytes => {
      expect(() => type.decodeBinary(hex(bytes))).toThrow(refusal('damaged protobuf'))
    },
  )
})

describe('the memory that messages share', () => {
  it('is never written to again', () => {
    const texts = Array.from({ length: 3_000 }, (_, at) => `${at}`.repeat(1 + (at % 97)))
    const written = texts.map(text => type.encodeBinary({ text }))
    expect(written.map(bytes => type.decodeBinary(bytes)['text'])).toEqual(texts)
  })

  it('keeps nothing of a message that was refused', () => {
    expect(() => type.encodeBinary({ list: [{ text: 'a' }, { text: 5 }] })).toThrow(
      refusal('M: list[1].text'),
    )
    expect(hexOf(type.encodeBinary({ child: { text: 'b' } }))).toBe('12030a0162')
  })

  it('is not shared with a message that a getter asks for', () => {
    const inner = { text: 'inner' }
    const outer = {
      get text() {
        return hexOf(type.encodeBinary(inner))
      },
    }
    expect(type.decodeBinary(type.encodeBinary({ list: [outer] }))).toMatchObject({
      list: [{ text: hexOf(plain.encode(inner).finish()) }],
    })
  })
})

describe('damage', () => {
  test.each<[string, string]>([
    ['a length beyond the end', '0a05'],
    ['a message that ends within a field', '12020a05'],
    ['a field that goes on behind its message', '12020a0161'],
    ['field number 0', '0001'],
    ['the end of a group that did not begin', '0c'],
    ['a group that does not end', '0b0800'],
    ['a group that ends as another', '0b14'],
    ['a wire type that there is not', '0f'],
    ['a varint that does not end', '08ffff'],
    ['groups within each other, deeper than may be', '23'.repeat(102)],
  ])('%s', (_, bytes) => {
    expect(() => type.decodeBinary(hex(bytes))).toThrow(refusal('M: damaged protobuf'))
  })

  it('of another type than the field has is a field that is not known', () => {
    expect(type.decodeBinary(hex('0801' + '0a0141'))).toEqual({ ...zero, text: 'A', ...kept('0801') })
  })
})

describe('proto2', () => {
  const types = parseProto(`
    syntax = "proto2";
    enum Level { LOW = 1; HIGH = 16; }
    message M {
      optional Level level = 1; repeated Level levels = 2; map<string, Level> named = 3; optional string text = 4;
      oneof choice { Level one = 5; string other = 6; } repeated group Part = 7 { optional int32 n = 1; } repeated Level packed = 8 [packed = true];
    }
  `)
  const m = types.type('M')
  const empty = { levels: [], named: {}, part: [], packed: [] }

  test.each<[string, string, object]>([
    [
      'a number that its enum does not have is a field that is not known',
      '0805' + '0810',
      { level: 16, ...kept('0805') },
    ],
    ['in a list too', '1005' + '1001' + '1202' + '1007', { levels: [1, 16], ...kept('1005', '1007') }],
    ['and in a packed one', '4203010510', { packed: [1, 16], ...kept('4005') }],
    [
      'in a map its entry is',
      '1a050a01611005' + '1a050a01621001',
      { named: { b: 1 }, ...kept('1a050a01611005') },
    ],
    ['in a oneof it leaves the other member', '320161' + '2805', { other: 'a', ...kept('2805') }],
    ['text that is no UTF-8 is mended', '2201ff', { text: '\ufffd' }],
    ['groups', '3b08013c' + '3b3c', { part: [{ n: 1 }, {}] }],
    ['a group between others of its number', '3b3b3c3c', { part: [kept('3b3c')] }],
  ])('%s', (_, bytes, fields) => {
    expect(m.decodeBinary(hex(bytes))).toEqual({ ...empty, ...fields })
  })
})

describe('a field whose name every object has', () => {
  it('is absent where it is not given', () => {
    expect(Record_.create()).toEqual({ record: {}, class: '', constructor: '' })
    expect(Record_.encodeJson(Record_.create())).toBe('{}')
  })

  it('is read and written as any other, in pieces too', () => {
    const one = parseProto(
      'syntax = "proto3"; message M { M constructor = 1; int32 n = 2; string toString = 3; }',
    ).type('M')
    expect(one.decodeBinary(hex('0a021005' + '0a031a0161'))).toMatchObject({
      constructor: { n: 5, toString: 'a' },
    })
  })
})

describe('the description of a generated file', () => {
  const description: FileDescription = {
    messages: { 'a.M': [{ name: 'some_field', number: 1, type: 'a.Other', repeated: true }], 'a.Other': [] },
  }

  it('gives the types that it names', () => {
    expect(
      protoFile(description)
        .message('a.M')
        .create({ someField: [{}] }),
    ).toEqual({ someField: [{}] })
  })

  it('that names a type which is not there is told at its first use', () => {
    const file = protoFile({ messages: { 'a.M': [{ name: 'x', number: 1, type: 'a.Missing' }] } })
    expect(() => file.message('a.M').create()).toThrow('x: unknown type a.Missing')
    expect(() => file.message('a.N').create()).toThrow(expect.objectContaining({ kind: 'not_found' }))
  })

  it('takes types from the files that it imports', () => {
    const file = protoFile({
      imports: [protoFile(description)],
      messages: { 'b.M': [{ name: 'm', number: 1, type: 'a.M', key: 'int32' }] },
    })
    expect(file.message('b.M').decodeJson('{"m":{"1":{}}}')).toEqual({ m: { 1: { someField: [] } } })
  })
})
