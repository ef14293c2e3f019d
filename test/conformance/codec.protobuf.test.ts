import { describe, it } from 'vitest'
import { protobuf } from '../../src/adapters/codec/protobuf.js'
import { deepBinary, typedSubjects } from '../support/codec-samples.js'
import { proveCodec } from './codec.suite.js'

/** A tag without a value, a text of 5 bytes with 1, a text that is not UTF-8, wire type 7, field 0, a varint without an end. */
const damaged = ['40', '720541', '7202ffff', '77', '0001', `40${'ff'.repeat(11)}`].map(hex =>
  Buffer.from(hex, 'hex'),
)

proveCodec(
  { describe, it },
  'protobuf',
  typedSubjects(() => protobuf(), damaged, deepBinary),
)
