import { describe, it } from 'vitest'
import { json } from '../../src/adapters/codec/json.js'
import { deepJson, typedSubjects, untypedSubjects, utf8 } from '../support/codec-samples.js'
import { proveCodec } from './codec.suite.js'

const damaged = [
  '{',
  '[]',
  '5',
  '{"aBool":1}',
  '{"anInt32":"x"}',
  '{"longs":[{}]}',
  '{"counts":{"a":0.5}}',
  '{}{}',
]

proveCodec(
  { describe, it },
  'json without types',
  untypedSubjects(() => json({ bigints: true })),
)
proveCodec(
  { describe, it },
  'json with types',
  typedSubjects(() => json(), damaged.map(utf8), deepJson),
)
