import { expect, test } from 'vitest'
import { canonicalKey, emptyBody, header } from 'headrace/streams'

test.each([
  ['content-type', 'Content-Type'],
  ['CONTENT-TYPE', 'Content-Type'],
  ['X-User-ID', 'X-User-Id'],
  ['x-micro-from-service', 'X-Micro-From-Service'],
  ['timeout', 'Timeout'],
  ['a--b-', 'A--B-'],
  ['x_trace-id', 'X_trace-Id'],
  ['1st-try', '1st-Try'],
])('%s is written as Go writes it', (key, canonical) => {
  expect(canonicalKey(key)).toBe(canonical)
})

test.each(['', 'with space', 'umlaut-ä', 'colon:', 'line\nbreak', 'K'])(
  '%j is no header name and stays',
  key => {
    expect(canonicalKey(key)).toBe(key)
  },
)

test('a header is found whatever the case of its name, the exact one first', () => {
  const headers = { 'content-type': 'application/json', Timeout: '5', timeout: '7' }
  expect(header(headers, 'Content-Type')).toBe('application/json')
  expect([header(headers, 'timeout'), header(headers, 'Timeout')]).toEqual(['7', '5'])
  expect(header(headers, 'Missing')).toBe(undefined)
  expect(header({ a: '' }, 'A')).toBe('')
})

test('no header comes from the prototype of the record', () => {
  expect(header({}, 'constructor')).toBe(undefined)
  expect(header({}, '__proto__')).toBe(undefined)
})

test('an empty body has no bytes', () => {
  expect(emptyBody.byteLength).toBe(0)
})
