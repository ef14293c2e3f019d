import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ValueRecord } from 'headrace/streams'
import { zlibCompression } from '../../src/adapters/zlib-compression.js'
import { readHealthyNodes, readServiceNames } from '../../src/wire/consul/agent-answers.js'
import { readServiceTags, writeServiceTags } from '../../src/wire/consul/service-tags.js'

const compression = zlibCompression('consul', 65_536)
const reader = { compression, onFault: () => undefined }

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const metadata = fc.dictionary(text, text, { maxKeys: 5 })
const value: fc.Arbitrary<ValueRecord> = fc.record({
  name: text,
  type: text,
  values: fc.array(fc.record({ name: text, type: text, values: fc.constant([]) }), { maxLength: 3 }),
})
const endpoint = fc.record({
  name: text,
  request: fc.option(value, { nil: undefined }),
  response: fc.option(value, { nil: undefined }),
  metadata,
})
const tags = fc.record({ version: text, endpoints: fc.array(endpoint, { maxLength: 4 }), metadata })

/** Tags as a stranger may write them: right beginnings with anything behind. */
const strange = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('t-', 'e-', 'v-', 't=', 'e=', 'v='), fc.oneof(text, fc.json()))
    .map(parts => parts.join('')),
  fc.tuple(fc.constantFrom('t-', 'e-', 'v-'), fc.uint8Array({ maxLength: 40 })).map(([kind, bytes]) => {
    return `${kind}${Buffer.from(bytes).toString('hex')}`
  }),
)

describe('Consul tags', () => {
  it('are read as they were written, in any order of the kinds', () => {
    fc.assert(
      fc.property(tags, written => {
        const forward = writeServiceTags(written, compression)
        const backward = [...forward].sort((a, b) => b.charCodeAt(0) - a.charCodeAt(0))
        for (const order of [forward, backward]) {
          const read = readServiceTags(order, reader)
          expect(read).toEqual(written)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('of strangers never throw, and say a version or nothing', () => {
    fc.assert(
      fc.property(fc.array(strange, { maxLength: 8 }), list => {
        const read = readServiceTags(list, reader)
        expect(read === undefined).toBe(!list.some(tag => /^v[-=]/.test(tag)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('answers of an agent', () => {
  it('are read or refused as unavailable, whatever they are', () => {
    const entry = fc.record(
      { Service: fc.anything(), Node: fc.anything(), Checks: fc.anything() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(entry)), body => {
        for (const read of [() => readHealthyNodes(body, 'w', reader), () => readServiceNames(body)]) {
          try {
            expect(Array.isArray(read())).toBe(true)
          } catch (error) {
            expect(error).toMatchObject({ name: 'ServiceError', kind: 'unavailable' })
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
