import { expect, test } from 'vitest'
import { formatTimeout, parseTimeout } from 'headrace/streams'

test.each([
  [5_000, '5000000000'],
  [0, '0'],
  [-3, '0'],
  [1.9, '1000000'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991000000'],
])('%d ms are written as nanoseconds', (ms, text) => {
  expect(formatTimeout(ms)).toBe(text)
})

test.each([Infinity, NaN, 2 ** 60])('%d ms are refused', ms => {
  expect(() => formatTimeout(ms)).toThrow(/not a finite time/)
})

test.each([
  ['5000000000', 5_000],
  ['0', 0],
  ['1500000', 1.5],
  ['18446744073709551615', 18446744073709.551615],
  ['007000000', 7],
])('the header %s is read as milliseconds', (text, ms) => {
  expect(parseTimeout(text)).toBe(ms)
})

test.each([
  undefined,
  '',
  '-1',
  '+1',
  '1.5',
  '1e9',
  ' 1',
  '5s',
  '18446744073709551616',
  '1'.repeat(4000),
  '１',
])('the header %s is ignored, as peers do', text => {
  expect(parseTimeout(text)).toBe(undefined)
})
