import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeaderDecoder } from '../../src/wire/mux/header-decoder.js'
import { HeaderEncoder } from '../../src/wire/mux/header-encoder.js'

const name = fc.constantFrom('Content-Type', 'Timeout', ':endpoint', 'X-Request-Id', 'X-Own', 'X-Other')
const value = fc.oneof(
  fc.constantFrom('application/protobuf', '30000000000', 'Greeter.Hello', ''),
  fc.string({ maxLength: 300 }),
)
const headers = fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true })

test('headers are read as they were written, whatever came before on the connection', () => {
  const kinds = fc.array(headers, { minLength: 1, maxLength: 4 })
  const order = fc.array(fc.nat(3), { maxLength: 40 })
  fc.assert(
    fc.property(kinds, order, (kinds, order) => {
      const encoder = new HeaderEncoder()
      const decoder = new HeaderDecoder()
      for (const at of order) {
        const sent = kinds[at % kinds.length] ?? {}
        const block = encoder.encode({ ...sent })
        expect(block).toEqual(new HeaderEncoder().encode(sent))
        expect(decoder.decode(block, 0, block.length)).toEqual(sent)
      }
    }),
  )
})
