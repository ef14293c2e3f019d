import { describe, expect, it, test } from 'vitest'
import { parseJson, stringifyJson } from '../../../src/wire/json-text.js'

const strict = { maxDepth: 128, bigints: false }
const parse = (text: string) => parseJson(text, strict)
const write = (value: unknown) => stringifyJson(value, 128)
const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })

describe('numbers that are read', () => {
  test.each(['9007199254740993', '-9007199254740993', '123456789012345678901234567890', '9007199254740992'])(
    '%s would be rounded: refused with its place',
    digits => {
      expect(() => parse(`{"user":{"ids":[1, ${digits} ]}}`)).toThrow(
        refusal(`user.ids[1]: ${digits} is beyond ±2^53`),
      )
      expect(() => parse(digits)).toThrow(refusal(`the value: ${digits}`))
      expect(parseJson(`[${digits}]`, { ...strict, bigints: true })).toEqual([BigInt(digits)])
    },
  )

  test.each([
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['0000.1', undefined],
    ['0.30000000000000004', 0.1 + 0.2],
    ['12345678901234567890.5', 12345678901234567000],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['12345678901234567e-5', 123456789012.34567],
  ])('%s is a number like any other', (digits, value) => {
    if (value === undefined) expect(() => parse(digits)).toThrow(refusal('json: '))
    else expect(parse(digits)).toBe(value)
  })

  it('digits in strings are no numbers', () => {
    expect(parse('["12345678901234567890","\\"12345678901234567890"]')).toEqual([
      '12345678901234567890',
      '"12345678901234567890',
    ])
  })
})

describe('depth', () => {
  it('is counted outside of strings', () => {
    const limits = { maxDepth: 2, bigints: false }
    expect(parseJson('[["[[[["], {}]', limits)).toEqual([['[[[['], {}])
    expect(() => parseJson('[[[]]]', limits)).toThrow(refusal('nests 3 levels deep; at most 2'))
    expect(() => stringifyJson([[[]]], 2)).toThrow(refusal('[0][0]: nests deeper than 2 levels'))
  })
})

it('a key __proto__ is a key like any other', () => {
  for (const text of ['{"__proto__":{"polluted":1}}', '{"__proto__":{"polluted":12345678901234567890}}']) {
    const value = parseJson(text, { maxDepth: 9, bigints: true }) as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(value['polluted']).toBeUndefined()
  }
})

describe('values that are written', () => {
  test.each<[unknown, string]>([
    [undefined, 'null'],
    [() => 1, 'null'],
    [{ a: undefined, b: () => 1, c: Symbol('x'), d: [undefined] }, '{"d":[null]}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [{ toJSON: (key: string) => `at ${key}` }, '"at "'],
    [{ when: { toJSON: (key: string) => `at ${key}` } }, '{"when":"at when"}'],
    [[Object(5), Object('x'), Object(true), Object(5n)], '[5,"x",true,5]'],
    [-0, '-0'],
    [[1e20, 2 ** 53, -(2 ** 60)], '[1e+20,9.007199254740992e+15,-1.152921504606847e+18]'],
    [12345678901234567890n, '12345678901234567890'],
    [Buffer.from([1, 2, 3]), '"AQID"'],
    [{ bytes: new Uint8Array([255]) }, '{"bytes":"/w=="}'],
    ['<a href="x">&\u2028</a>', '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u003c/a\\u003e"'],
    [Object.create(null), '{}'],
    [
      new (class Point {
        x = 1
      })(),
      '{"x":1}',
    ],
  ])('%o', (value, text) => {
    expect(write(value)).toBe(text)
  })

  it('the same object twice is no circle', () => {
    const shared = { a: 1n }
    expect(write([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })

  test.each<[string, unknown, string]>([
    ['NaN', { a: [NaN] }, 'a[0]: NaN is not a number'],
    ['a Map', { a: new Map() }, 'a: a Map has no form in JSON; use Object.fromEntries'],
    ['a Set', [new Set()], '[0]: a Set has no form'],
    ['a Float64Array', new Float64Array(1), 'the value: a Float64Array'],
    ['a promise', { a: Promise.resolve() }, 'a: a Promise has no form in JSON; await it'],
  ])('%s is refused', (_, value, detail) => {
    expect(() => write(value)).toThrow(refusal(detail))
  })

  it('a circle is refused where it closes', () => {
    const circle: Record<string, unknown> = { list: [] }
    circle['list'] = [circle]
    expect(() => write(circle)).toThrow(refusal('list[0]: the value contains itself'))
  })

  it('the error of a getter is the cause', () => {
    const cause = new Error('not now')
    const value = {
      get a(): never {
        throw cause
      },
    }
    expect(() => write(value)).toThrow(expect.objectContaining({ kind: 'bad_request', cause }))
  })
})
