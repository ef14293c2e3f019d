import { describe, it } from 'vitest'
import { jsonRpc } from '../../src/wire/json-rpc.js'
import { envelopeSubjects, utf8 } from '../support/codec-samples.js'
import { proveEnvelope } from './envelope.suite.js'

const bodies = [
  '{}',
  'null',
  '"],\\"id\\":5"',
  '[1,[2],{"a":"}"}]',
  '5',
  `{"name":"${'ü'.repeat(1000)}"}`,
].map(utf8)
const damaged = [
  '',
  '{',
  '[]',
  'null',
  'hello',
  '{}{}',
  '{"id":{}}',
  '{"id":nul}',
  '{"x":1 2}',
  '{"id":0,}',
  '{id:0}',
  '\ufeff{}',
  '{"\xff":1',
]

proveEnvelope(
  { describe, it },
  'json-rpc',
  envelopeSubjects(jsonRpc, { textIds: true, echoes: false }, bodies, {
    requests: [
      ...damaged,
      '{"method":5}',
      '{"params":[1',
      '{"params":[1,}]}',
      '{"params":[1,nul]}',
      '{"params":nul}',
    ].map(utf8),
    responses: [...damaged, '{"error":x}', '{"result":}'].map(utf8),
  }),
)
