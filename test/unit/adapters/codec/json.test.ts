import { describe, expect, it, test } from 'vitest'
import { json } from '../../../../src/adapters/codec/json.js'
import { greeterTypes } from '../../../support/greeter-types.js'
import { utf8 } from '../../../support/codec-samples.js'

const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })

it('a body of no bytes is the zero value: that of the type, or an empty object', () => {
  expect(json().decode(new Uint8Array(0))).toEqual({})
  expect(json().decode(new Uint8Array(0), greeterTypes.streamRequest)).toEqual({ count: 0n })
})

describe('a long integer without a type', () => {
  it('is refused with the name of its field and what to do', () => {
    expect(() => json().decode(utf8('{"count":9007199254740993}'))).toThrow(
      refusal(
        'count: 9007199254740993 is beyond ±2^53 and would be rounded; read it with a type or with the option bigints',
      ),
    )
  })

  it('is a bigint if the option says so; others stay numbers', () => {
    const codec = json({ bigints: true })
    expect(codec.decode(utf8('{"count":9007199254740993,"n":5}'))).toEqual({ count: 9007199254740993n, n: 5 })
  })
})

it('a type decides what is written and read', () => {
  const codec = json()
  const body = codec.encode({ count: 2n ** 62n }, greeterTypes.streamRequest)
  expect(Buffer.from(body).toString()).toBe('{"count":4611686018427387904}')
  expect(codec.decode(body, greeterTypes.streamRequest)).toEqual({ count: 2n ** 62n })
})

it('bytes that are not UTF-8 are refused, and so is a byte order mark', () => {
  expect(() => json().decode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(refusal('not UTF-8'))
  expect(() => json().decode(utf8('\ufeff{}'))).toThrow(refusal('json: '))
})

test.each([{ maxDepth: 0 }, { maxDepth: 1001 }, { maxDepth: '5' }, { bigints: 1 }, { depth: 5 }])(
  'the options %o are refused',
  options => {
    expect(() => json(options as never)).toThrow(refusal(Object.keys(options)[0] ?? ''))
  },
)
