import { expect, it } from 'vitest'
import { json } from '../../../src/adapters/codec/json.js'
import { protobuf } from '../../../src/adapters/codec/protobuf.js'
import { formats2017 } from '../../../src/wire/formats.js'

it('the content types of go-micro 2017 have the codecs and envelopes of PROTOCOL section 3.1', () => {
  const formats = formats2017({ json: json(), protobuf: protobuf() })
  const table = [...formats].map(([key, { contentType, envelope, codec }]) => [
    key,
    contentType,
    envelope.name,
    codec.name,
  ])
  expect(table).toEqual(
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
