import { expect, it, test } from 'vitest'
import { zlibCompression } from '../../../../src/adapters/zlib-compression.js'
import { packText, readServiceText, unpackText } from '../../../../src/wire/mdns/service-text.js'

const compression = zlibCompression('mdns', 10_000)
const refused = expect.objectContaining({ name: 'ServiceError', kind: 'bad_request' }) as Error

test.each([[[]], [['xyz1']], [['789']], [['789c']], [['00112233']], [['789c', 'ff'.repeat(40)]]])(
  'strings that no node can have written: %j',
  strings => {
    expect(() => unpackText(strings, compression)).toThrow(refused)
  },
)

it('does not inflate a few bytes to gigabytes', () => {
  const bomb = packText('x'.repeat(10_001), compression)
  expect(bomb.join('').length).toBeLessThan(200)
  expect(() => unpackText(bomb, compression)).toThrow(/maxTextBytes/)
  expect(unpackText(packText('x'.repeat(10_000), compression), compression)).toHaveLength(10_000)
})

test.each([
  '',
  '{',
  '[]',
  'null',
  '7',
  '{"Service":"a"}',
  '{"Service":"","Version":"1"}',
  '{"Service":1,"Version":"1"}',
])('a text that is no node: %s', text => {
  expect(() => readServiceText(text)).toThrow(refused)
})

it('leaves out what has another type than it should', () => {
  const text = JSON.stringify({
    Service: 'a',
    Version: '1',
    Endpoints: [
      7,
      { name: 8 },
      { name: 'E', request: [], response: { name: 'R', type: 'R', values: [null] } },
    ],
    Metadata: { good: 'yes', bad: 7, __proto__: null },
  })
  expect(readServiceText(text)).toEqual({
    service: 'a',
    version: '1',
    endpoints: [
      { name: 'E', request: undefined, response: { name: 'R', type: 'R', values: [] }, metadata: {} },
    ],
    metadata: { good: 'yes' },
  })
})

it('reads types three levels deep and no deeper', () => {
  const nested = (depth: number): unknown => ({
    name: 'n',
    type: 't',
    values: depth === 0 ? null : [nested(depth - 1)],
  })
  const [endpoint] = readServiceText(
    JSON.stringify({ Service: 'a', Version: '1', Endpoints: [{ name: 'E', request: nested(9) }] }),
  ).endpoints
  expect(JSON.stringify(endpoint?.request).match(/"name"/g)).toHaveLength(3)
})
