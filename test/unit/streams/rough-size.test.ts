import { expect, it } from 'vitest'
import { roughSize } from '../../../src/streams/rough-size.js'

it('counts texts and bytes wherever they are, four levels deep', () => {
  expect(roughSize('x'.repeat(1_000))).toBe(1_000)
  expect(roughSize({ name: 'x'.repeat(1_000), data: new Uint8Array(500), n: 1 })).toBe(1_516)
  expect(roughSize({ a: { b: { c: { d: 'x'.repeat(1_000) } } } })).toBe(1_032)
  expect(roughSize({ a: { b: { c: { d: { e: 'x'.repeat(1_000) } } } } })).toBe(40)
})

it('takes any value, also one that contains itself', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(roughSize(loop)).toBeLessThan(100)
  expect([undefined, null, 1n, Symbol.iterator, () => undefined].map(value => roughSize(value))).toEqual([
    8, 8, 8, 8, 8,
  ])
})
