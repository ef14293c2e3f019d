import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'
import { describe, expect, it, test } from 'vitest'
import { unknownFields } from 'headrace/protobuf'
import { loadProto, parseProto, protoTypes } from '../../../../src/adapters/codec/proto-types.js'

const protos = fileURLToPath(new URL('./protos/', import.meta.url))
const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })
const hex = (text: string) => Buffer.from(text, 'hex')

describe('.proto files', () => {
  it('are loaded with what they import, beside them or from the directories given', async () => {
    const types = await loadProto(`${protos}orders.proto`, { includeDirectories: [`${protos}shared`] })
    const order = types.type('orders.Order')
    const value = {
      totalPrice: { cents: 2n ** 60n },
      customer: { name: 'Ann' },
      placedAt: { seconds: 1487980800n, nanos: 5 },
    }
    expect(order.decodeBinary(order.encodeBinary(value))).toEqual(value)
    expect(order.encodeJson(value)).toBe(
      '{"total_price":{"cents":1152921504606846976},"customer":{"name":"Ann"},"placed_at":{"seconds":1487980800,"nanos":5}}',
    )
  })

  it('that are missing or damaged are bad_request that names the file', async () => {
    await expect(loadProto(`${protos}none.proto`)).rejects.toThrow(refusal('none.proto'))
    await expect(loadProto([`${protos}orders.proto`])).rejects.toThrow(refusal('money.proto'))
    expect(() => parseProto('message {')).toThrow(refusal('line 1'))
    expect(() => parseProto('syntax="proto3"; message A { Missing b = 1; }')).toThrow(refusal('Missing'))
  })

  it('find the files of protobuf itself, in a text as well', async () => {
    const source = `
      syntax = "proto3";
      import "google/protobuf/timestamp.proto";
      import "google/protobuf/struct.proto";
      import "google/protobuf/descriptor.proto";
      import "google/protobuf/api.proto";
      extend google.protobuf.FieldOptions { string note = 50000; }
      message A { google.protobuf.Timestamp at = 1 [(note) = "n"]; google.protobuf.Struct data = 2; google.protobuf.Api api = 3; }
    `
    const folder = mkdtempSync(join(tmpdir(), 'headrace-protos-'))
    writeFileSync(join(folder, 'a.proto'), source)
    const value = { at: { seconds: 5n, nanos: 0 }, data: { fields: { x: { boolValue: true } } } }
    for (const types of [parseProto(source), await loadProto(join(folder, 'a.proto'))]) {
      const type = types.type('A')
      expect(type.decodeBinary(type.encodeBinary(value))).toEqual(value)
      expect(type.encodeJson({ at: { seconds: 5n } })).toBe('{"at":{"seconds":5}}')
    }
    rmSync(folder, { recursive: true })
    for (const name of ['other.proto', 'google/protobuf/none.proto'])
      expect(() => parseProto(`syntax = "proto3"; import "${name}"; message A {}`)).toThrow(
        refusal(`the import ${name} is not known; loadProto reads files that import others`),
      )
  })

  it('unknown options are refused', async () => {
    await expect(loadProto('x', { includes: [] } as never)).rejects.toThrow(
      refusal("unknown option 'includes'"),
    )
  })
})

describe('a service', () => {
  it('has an endpoint for each method, by its TypeScript name', async () => {
    const types = await loadProto(`${protos}orders.proto`, { includeDirectories: [`${protos}shared`] })
    const service = types.service('Orders')
    expect(Object.keys(service)).toEqual(['getOrder', 'place'])
    expect(service['getOrder']).toMatchObject({
      name: 'Orders.GetOrder',
      cardinality: 'unary',
      idempotent: true,
    })
    expect(service['place']).toMatchObject({
      name: 'Orders.Place',
      cardinality: 'clientStream',
      idempotent: false,
    })
    expect(service['place']?.request).toBe(types.type('orders.Order'))
  })

  it('that is not there is not_found, as is a message', () => {
    const types = parseProto('syntax="proto3"; message A {}')
    expect(() => types.service('A')).toThrow(expect.objectContaining({ kind: 'not_found' }))
    expect(() => types.type('B')).toThrow(expect.objectContaining({ kind: 'not_found' }))
  })
})

it('the types of a root of protobufjs leave the root as it is', () => {
  const { root } = protobuf.parse('syntax="proto3"; message A { int64 some_count = 1; }', new protobuf.Root())
  const type = protoTypes(root).type('A')
  const bytes = type.encodeBinary({ someCount: 5n })
  expect(type.decodeBinary(bytes)).toEqual({ someCount: 5n })
  expect(type.encodeJson({ someCount: 5n })).toBe('{"some_count":5}')
  expect(root.lookupType('A').decode(bytes)).toMatchObject({ someCount: { low: 5, high: 0 } })
})

describe('bytes that other writers may send', () => {
  const type = parseProto(`
    syntax = "proto3";
    message M {
      int64 long = 1; string text = 2; map<string, int64> longs = 3; map<int64, M> children = 4;
      oneof choice { M child = 5; int64 number = 6; } optional int32 maybe = 7; repeated int32 list = 8;
    }
  `).type('M')
  const zero = { long: 0n, text: '', longs: {}, children: {}, list: [] }

  test.each<[string, string, object]>([
    ['nothing', '', {}],
    ['zeros that are written', '08001200', {}],
    ['a zero after another value', '08051201410800' + '1200', {}],
    ['a map entry without a value', '1a030a0161', { longs: { a: 0n } }],
    ['a map entry without a key', '1a021005', { longs: { '': 5n } }],
    ['a map entry of nothing', '2200', { children: { 0: zero } }],
    ['a key of 64 bits', '220b08ffffffffffffffffff01', { children: { '-1': zero } }],
    ['both members of a oneof: the last counts', '2a020805' + '3007', { number: 7n }],
    ['both the other way round', '3007' + '2a020805', { child: { ...zero, long: 5n } }],
    ['a message in two pieces', '2a020805' + '2a03120141', { child: { ...zero, long: 5n, text: 'A' } }],
    [
      'pieces of a message that has a oneof itself',
      '2a023007' + '2a042a020805',
      { child: { ...zero, child: { ...zero, long: 5n } } },
    ],
    ['an optional zero', '3800', { maybe: 0 }],
    ['a list that is packed, and one that is not', '42020102' + '4003', { list: [1, 2, 3] }],
    [
      'unknown fields',
      'a20603616263' + '0805',
      { long: 5n, [unknownFields]: [Uint8Array.from(hex('a20603616263'))] },
    ],
  ])('%s', (_, bytes, fields) => {
    expect(type.decodeBinary(hex(bytes))).toStrictEqual({ ...zero, ...fields })
  })

  it('a value is a plain object', () => {
    const value = type.decodeBinary(hex('2a0208053801'))
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(value['child'])).toBe(Object.prototype)
  })
})

describe('proto2', () => {
  const types = parseProto(`
    syntax = "proto2";
    message M { required string id = 1; optional int32 size = 2 [default = 5]; repeated int64 longs = 3; optional group Part = 4 { optional bool ok = 1; } }
  `)
  const type = types.type('M')

  it('keeps what is not set apart from zero, and writes lists unpacked', () => {
    const value = { id: '', size: 0, longs: [1n, 2n], part: { ok: false } }
    const bytes = Buffer.from(type.encodeBinary(value)).toString('hex')
    expect(bytes).toBe('0a00' + '1000' + '18011802' + '23080024')
    expect(type.decodeBinary(hex(bytes))).toEqual(value)
    expect(type.decodeBinary(hex('0a00'))).toEqual({ id: '', longs: [] })
    expect(type.encodeJson(value)).toBe('{"id":"","size":0,"longs":[1,2],"part":{"ok":false}}')
  })

  it('refuses a message without a required field, both ways', () => {
    expect(() => type.encodeBinary({})).toThrow(refusal('M: id: is required'))
    expect(() => type.encodeJson({ size: 1 })).toThrow(refusal('M: id: is required'))
    expect(() => type.decodeJson('{}')).toThrow(refusal('M: id: is required'))
    expect(() => type.decodeBinary(hex(''))).toThrow(refusal("missing required 'id'"))
  })
})

describe('JSON of typed messages', () => {
  const type = parseProto(`
    syntax = "proto3";
    enum Color { RED = 0; GREEN = 1; }
    message M {
      int64 some_long = 1; bytes some_bytes = 2; Color color = 3; repeated M kids = 4; float ratio = 5; double size = 6;
      string named = 7 [json_name = "other"]; repeated string texts = 8; map<int32, bool> flags = 9; uint32 n = 10;
    }
  `).type('M')
  const zero = type.decodeJson('{}')

  test.each<[string, object]>([
    ['{"some_long":9223372036854775807}', { someLong: 2n ** 63n - 1n }],
    ['{"someLong":"-9223372036854775808"}', { someLong: -(2n ** 63n) }],
    ['{"SOME_LONG":5,"unknown":[12345678901234567890]}', { someLong: 5n }],
    ['{"some_bytes":"/+8="}', { someBytes: Uint8Array.of(255, 239) }],
    ['{"some_bytes":"_-8"}', { someBytes: Uint8Array.of(255, 239) }],
    ['{"color":"GREEN"}', { color: 1 }],
    ['{"color":7}', { color: 7 }],
    ['{"kids":[{"n":1},null]}', { kids: [{ ...zero, n: 1 }, zero] }],
    ['{"texts":null,"some_long":null}', {}],
    ['{"texts":["a",null]}', { texts: ['a', ''] }],
    ['{"other":"x"}', { named: 'x' }],
    ['{"flags":{"-5":true}}', { flags: { '-5': true } }],
    ['{"size":"NaN","ratio":"-Infinity"}', { size: NaN, ratio: -Infinity }],
    ['{"size":100000000000000000000}', { size: 1e20 }],
    ['{"n":"7"}', { n: 7 }],
    ['null', {}],
  ])('%s is read', (text, fields) => {
    expect(type.decodeJson(text)).toStrictEqual({ ...zero, ...fields })
  })

  test.each<[string, string]>([
    ['{"named":5}', 'M: named: the number 5 is no string'],
    ['{"n":-1}', 'M: n: the number -1 is no uint32, an integer from 0 to 4294967295'],
    ['{"n":"7x"}', 'M: n: the string "7x" is no uint32'],
    ['{"some_long":9223372036854775808}', 'M: someLong: the bigint 9223372036854775808 is no int64'],
    ['{"some_long":1.5}', 'M: someLong: the number 1.5 is no int64'],
    ['{"some_bytes":"a"}', 'M: someBytes: the string "a" is no base64'],
    ['{"color":"PINK"}', 'M: color: the string "PINK" is no name of Color; known are RED, GREEN'],
    ['{"kids":[{},{"kids":{}}]}', 'M: kids[1].kids: an object (Object) is no array'],
    ['{"flags":{"x":true}}', 'M: flags.x: the key the string "x" is no integer'],
    ['{"ratio":1e300}', 'M: ratio: 1e+300 is too large for a float'],
    ['"x"', 'M: the value: the string "x" is no message'],
  ])('%s is refused', (text, detail) => {
    expect(() => type.decodeJson(text)).toThrow(refusal(detail))
  })

  it('is written as Go writes it: original names, zeros left out, the fewest digits of a float', () => {
    const value = {
      someLong: -1,
      someBytes: Buffer.from('ab'),
      color: 'GREEN',
      kids: [{}],
      ratio: 0.1,
      size: 1e-7,
      named: '<',
    }
    expect(type.encodeJson(value)).toBe(
      '{"some_long":-1,"some_bytes":"YWI=","color":1,"kids":[{}],"ratio":0.1,"size":1e-7,"named":"\\u003c"}',
    )
    expect(type.encodeJson(zero)).toBe('{}')
  })

  it('a number that JSON cannot hold is refused with its field', () => {
    expect(() => type.encodeJson({ size: NaN })).toThrow(
      refusal('M: size: NaN is not a number that JSON can hold'),
    )
  })
})

it('an object of a class is written by its fields, wherever it keeps them', () => {
  const type = parseProto('syntax="proto3"; message M { string a = 1; int64 b = 2; }').type('M')
  class Row {
    a = 'x'
    get b() {
      return 5n
    }
  }
  expect(type.decodeBinary(type.encodeBinary(new Row() as never))).toEqual({ a: 'x', b: 5n })
})
