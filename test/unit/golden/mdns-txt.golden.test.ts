import { describe, expect, test } from 'vitest'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import {
  packText,
  readServiceText,
  unpackText,
  writeServiceText,
} from '../../../src/wire/mdns/service-text.js'
import { vector } from '../../support/vectors.js'

const file = '2017-mdns-txt'
const names = ['txt-nil', 'txt-small', 'txt-topic', 'txt-one-endpoint', 'txt-many']
const compression = zlibCompression('mdns', 65_536)

function captured(name: string): { readonly text: string; readonly strings: readonly string[] } {
  const { text = '', json } = vector(file, name)
  return { text, strings: (json as { readonly txt: readonly string[] }).txt }
}

describe("the TXT strings of go-micro 2017's nodes", () => {
  test.each(names)('%s: its strings are read', name => {
    const { text, strings } = captured(name)
    expect(unpackText(strings, compression)).toBe(text)
  })

  test.each(names)('%s: what was read is written byte for byte', name => {
    const { text } = captured(name)
    expect(writeServiceText(readServiceText(text))).toBe(text)
  })

  // Another deflate gives other bytes for the same text: the vectors' note says to compare after inflating.
  test.each(names)('%s: our strings hold the text, in pieces of 255 characters', name => {
    const { text } = captured(name)
    const strings = packText(text, compression)
    expect(unpackText(strings, compression)).toBe(text)
    expect(strings.join('')).toMatch(/^789c[0-9a-f]+$/)
    expect(strings.slice(0, -1).every(piece => piece.length === 255)).toBe(true)
  })
})
