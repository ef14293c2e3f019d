import { expect, it } from 'vitest'
import { remark } from '../../fixtures/proto/extending.headrace.js'
import { Legacy } from '../../fixtures/proto/legacy.headrace.js'

it('the example of docs/codegen.md', () => {
  // #region extension
  // legacy.proto has the message Legacy; in extending.proto: extend tests.legacy.Legacy { optional string remark = 110; }
  const sent = remark.with({ id: '7' }, 'fragile') // a copy that has it

  const received = Legacy.decodeBinary(Legacy.encodeBinary(sent))
  const text = remark.get(received) // string | undefined
  // #endregion extension
  expect([received.id, text]).toEqual(['7', 'fragile'])
})
