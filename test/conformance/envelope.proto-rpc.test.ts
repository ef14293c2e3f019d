import { describe, it } from 'vitest'
import { protoRpc } from '../../src/wire/proto-rpc.js'
import { envelopeSubjects } from '../support/codec-samples.js'
import { proveEnvelope } from './envelope.suite.js'

const bodies = ['', '00', '0a044a6f686e', 'ff'.repeat(3000)].map(hex => Buffer.from(hex, 'hex'))

/** Nothing, a short length, frames longer than the data, no second frame, bytes behind it, a damaged envelope of each kind. */
const damaged = [
  ...['', '000000', '00000001', 'ffffffff00', '00000000', '0000000000000001', '000000000000000001'],
  ...[
    '000000020a0500000000',
    '00000003110000' + '00000000',
    '000000030a01ff00000000',
    '0000000103' + '00000000',
  ],
  ...['000000010200000000', '000000020001' + '00000000', '0000000c08' + 'ff'.repeat(11) + '00000000'],
  ...['000000060affffffff7f00000000', '0000000108' + '00000000', '000000021d01' + '00000000'],
].map(hex => Buffer.from(hex, 'hex'))

proveEnvelope(
  { describe, it },
  'proto-rpc',
  envelopeSubjects(protoRpc, { textIds: false, echoes: true }, bodies, {
    requests: damaged,
    responses: damaged,
  }),
)
