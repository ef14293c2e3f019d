import { expect, test } from 'vitest'
import { formatIp, parseIp } from '../../../../src/wire/mdns/ip-address.js'

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['FE80::1', 'fe80::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['2001:db8::a:0:0:b', '2001:db8::a:0:0:b'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
])('%s is written as %s', (text, short) => {
  expect(formatIp(parseIp(text))).toBe(short)
})

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4.5',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  'fe80::1%eth0',
])("'%s' is no address", text => {
  expect(() => parseIp(text)).toThrow(expect.objectContaining({ kind: 'bad_request' }))
})
