import { expect, it } from 'vitest'
import { ByteWriter } from '../../../src/wire/byte-writer.js'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

it('messages of all sizes keep their bytes while others are written', () => {
  const writer = new ByteWriter()
  const sizes = Array.from({ length: 400 }, (_, at) => (at * 37) % 3000)
  const written = sizes.map((size, at) => ({
    bytes: writer.utf8('ü'.repeat(size) + at),
    expected: 'ü'.repeat(size) + at,
  }))
  for (const { bytes, expected } of written) expect(text(bytes)).toBe(expected)
})

it('a message is its pieces in order', () => {
  const writer = new ByteWriter()
  const small = writer.start(20).text('a€').byte(0x2d).raw(Buffer.from('bc')).end()
  const large = writer.start(20_000).raw(Buffer.alloc(9_999, 'x')).text('end').end()
  expect(text(small)).toBe('a€-bc')
  expect(text(large)).toBe(`${'x'.repeat(9_999)}end`)
  expect(text(writer.utf8(''))).toBe('')
})

it('a large message does not share memory with small ones', () => {
  const writer = new ByteWriter()
  const small = writer.utf8('small')
  expect(writer.utf8('x'.repeat(5_000)).buffer).not.toBe(small.buffer)
  expect(writer.utf8('also small').buffer).toBe(small.buffer)
})
