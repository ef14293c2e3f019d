import { expect, it } from 'vitest'
import { json } from '../../../src/adapters/codec/json.js'
import { protobuf } from '../../../src/adapters/codec/protobuf.js'
import { createFormats } from '../../../src/wire/formats.js'

const formats = createFormats({ json: json(), protobuf: protobuf() })

function tableOf(dialect: 'rpc' | 'bare') {
  return [...formats].map(([key, { [dialect]: format }]) => {
    expect(format.dialect).toBe(dialect)
    return [key, format.contentType, format.envelope.name, format.codec.name]
  })
}

it('the content types of go-micro 2017 have the codecs and envelopes of PROTOCOL section 3.1', () => {
  expect(tableOf('rpc')).toEqual(
    [
      ['application/json', 'json-rpc', 'json'],
      ['application/json-rpc', 'json-rpc', 'json'],
      ['application/protobuf', 'proto-rpc', 'protobuf'],
      ['application/proto-rpc', 'proto-rpc', 'protobuf'],
      ['application/octet-stream', 'proto-rpc', 'protobuf'],
    ].map(([type, ...names]) => [type, type, ...names]),
  )
  expect(formats.get('application/json; charset=utf-8')).toBeUndefined()
})

it('the bare dialect has one content type for each codec', () => {
  expect(tableOf('bare')).toEqual([
    ['application/json', 'application/json', 'bare', 'json'],
    ['application/json-rpc', 'application/json', 'bare', 'json'],
    ['application/protobuf', 'application/protobuf', 'bare', 'protobuf'],
    ['application/proto-rpc', 'application/protobuf', 'bare', 'protobuf'],
    ['application/octet-stream', 'application/protobuf', 'bare', 'protobuf'],
  ])
})
