import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { protoFile, unknownFields } from 'headrace/protobuf'
import { parseProto } from '../../../../src/adapters/codec/proto-types.js'

const newer = parseProto(`
  syntax = "proto3";
  message M {
    string name = 1; int64 added = 2; repeated M list = 3; map<string, M> map = 4; repeated int32 numbers = 5;
    oneof choice { M child = 6; string text = 7; } bytes more = 500; optional fixed32 fixed = 501; double d = 502;
  }
`).type('M')
const older = parseProto(
  'syntax = "proto3"; message M { string name = 1; repeated M list = 3; map<string, M> map = 4; M child = 6; }',
).type('M')

const leaf = {
  name: fc.string(),
  added: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  numbers: fc.array(fc.integer()),
  more: fc.uint8Array({ maxLength: 8 }),
  fixed: fc.nat(),
  d: fc.double({ noNaN: true }),
}
const message = fc.letrec<{ node: object }>(tie => ({
  node: fc.record(
    {
      ...leaf,
      list: fc.array(tie('node'), { maxLength: 2 }),
      map: fc.dictionary(fc.constantFrom('a', 'b'), tie('node'), { maxKeys: 2, noNullPrototype: true }),
      child: fc.oneof({ maxDepth: 2 }, fc.record(leaf, { requiredKeys: [] }), tie('node')),
    },
    { requiredKeys: [] },
  ),
})).node

describe('fields that a type does not know', () => {
  it('survive whoever reads a message and sends it on', () => {
    fc.assert(
      fc.property(message, each => {
        const bytes = newer.encodeBinary(each as Record<string, unknown>)
        const through = older.encodeBinary(older.decodeBinary(bytes))
        expect(newer.decodeBinary(through)).toStrictEqual(newer.decodeBinary(bytes))
      }),
      { numRuns: 100 },
    )
  })

  it('go along with a copy that changes what is known', () => {
    const read = older.decodeBinary(newer.encodeBinary({ name: 'a', added: 5n }))
    const written = newer.decodeBinary(older.encodeBinary({ ...read, name: 'b' }))
    expect(written).toMatchObject({ name: 'b', added: 5n })
  })

  it('are one piece where they stand beside each other, however many there are', () => {
    const read = older.decodeBinary(new Uint8Array(2_000_000).fill(0x28))
    const pieces = (read as { [unknownFields]?: Uint8Array[] })[unknownFields]
    expect(pieces?.map(({ length }) => length)).toEqual([2_000_000])
  })

  test('JSON has no place for them', () => {
    const read = older.decodeBinary(newer.encodeBinary({ name: 'a', added: 5n }))
    expect(older.encodeJson(read)).toBe('{"name":"a"}')
  })
})

describe('an extension', () => {
  const file = protoFile({
    messages: {
      'a.M': [{ name: 'name', number: 1, type: 'string' }],
      'b.note': [{ name: 'value', number: 100, type: 'string', optional: true }],
      'b.numbers': [{ name: 'value', number: 200, type: 'sint64', repeated: true, packed: true }],
      'b.kid': [{ name: 'value', number: 300, type: 'a.M' }],
    },
  })
  type M = { name: string }
  const m = file.message<M>('a.M')
  const note = file.extension<M, string | undefined>('b.note')
  const numbers = file.extension<M, bigint[]>('b.numbers')
  const kid = file.extension<M, M | undefined>('b.kid')

  it('is read and written by whoever knows it, and stays with the message', () => {
    const one = numbers.with(note.with({ name: 'a' }, 'n'), [1, -1n])
    const read = m.decodeBinary(m.encodeBinary(kid.with(one, { name: 'k' })))
    expect([read.name, note.get(read), numbers.get(read), kid.get(read)]).toEqual([
      'a',
      'n',
      [1n, -1n],
      { name: 'k' },
    ])
    expect(note.name).toBe('b.note')
  })

  it('of a message that has none is absent, or an empty list', () => {
    expect([note.get({}), numbers.get({ name: 'a' }), kid.get({})]).toEqual([undefined, [], undefined])
  })

  it('is replaced in a copy, and taken away with undefined', () => {
    const first = kid.with(note.with({ name: 'a' }, 'n'), { name: 'k' })
    const second = note.with(first, '')
    expect([note.get(first), note.get(second), kid.get(second)]).toEqual(['n', '', { name: 'k' }])
    const without = kid.with(note.with(second, undefined), undefined)
    expect(without).toStrictEqual({ name: 'a' })
  })

  it('that does not fit is refused, and so are bytes that hold none', () => {
    expect(() => note.with({}, 5 as never)).toThrow('b.note: value: the number 5 is no string')
    const damaged = m.decodeBinary(Uint8Array.of(0xa2, 0x06, 0x01, 0xff))
    expect(() => note.get(damaged)).toThrow('b.note: damaged protobuf')
  })
})
