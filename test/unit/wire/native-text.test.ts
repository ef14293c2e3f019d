import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../../src/wire/byte-writer.js'
import { readNative } from '../../../src/wire/native-text.js'
import { utf8Text } from '../../../src/wire/utf8.js'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(fc.constantFrom('x'.repeat(1_500), 'é', '漢', '😀', '\ufffd', '\ufeff'))
    .map(parts => parts.join('')),
)

test('texts of any length and script are written and read as TextEncoder and TextDecoder do', () => {
  const writer = new ByteWriter()
  fc.assert(
    fc.property(text, value => {
      const bytes = writer.utf8(value)
      expect(Buffer.from(bytes).equals(new TextEncoder().encode(value))).toBe(true)
      expect(utf8Text(bytes, 'text')).toBe(value)
    }),
  )
})

test('any bytes: a text, or an error, exactly where a strict decoder says so', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const expected = (bytes: Uint8Array) => {
    try {
      return strict.decode(bytes)
    } catch {
      return undefined
    }
  }
  const found = (bytes: Uint8Array) => {
    try {
      return utf8Text(bytes, 'text')
    } catch {
      return undefined
    }
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      expect(found(bytes)).toBe(expected(bytes))
    }),
    { numRuns: 500 },
  )
})

test('a replacement character is left to the strict decoder', () => {
  const bytes = new TextEncoder().encode('a \ufffd by right')
  expect(readNative(bytes, 0, bytes.length)).toBeUndefined()
  expect(utf8Text(bytes, 'text')).toBe('a \ufffd by right')
})
