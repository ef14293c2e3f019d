import { describe, expect, it } from 'vitest'
import { HeadWriter, statusKey } from '../../../../src/wire/http1.js'

const body = Buffer.from('hi')
const usual = { 'X-B': '2', 'X-A': '1' }

/** What a writer without a past says. */
const fresh = (headers: Record<string, string>, content: Uint8Array = body) =>
  new HeadWriter().request('node:1', 'test', { headers, body: content })

describe('a head after another of the same connection', () => {
  it.each([
    ['the same', usual, body],
    ['another value', { 'X-B': '3', 'X-A': '1' }, body],
    ['another order', { 'X-A': '1', 'X-B': '2' }, body],
    ['one header more', { ...usual, 'X-C': '3' }, body],
    ['one header less', { 'X-B': '2' }, body],
    ['another name', { 'X-B': '2', 'X-C': '1' }, body],
    ['no headers', {}, body],
    ['another length', usual, Buffer.from('longer')],
    ['a header that is longer than what is kept', { 'X-A': 'x'.repeat(2000) }, body],
  ])('%s is what a new writer writes', (_, headers, content) => {
    const writer = new HeadWriter()
    writer.request('node:1', 'test', { headers: usual, body })
    for (let times = 0; times < 2; times += 1) {
      expect(writer.request('node:1', 'test', { headers, body: content })).toBe(fresh(headers, content))
    }
    expect(writer.request('node:1', 'test', { headers: usual, body })).toBe(fresh(usual))
  })

  it('sees that an object of headers was changed, another host, the status and the last response', () => {
    const writer = new HeadWriter()
    const headers: Record<string, string> = { 'X-A': '1' }
    writer.request('node:1', 'test', { headers, body })
    headers['X-A'] = '2'
    expect(writer.request('node:1', 'test', { headers, body })).toContain('X-A: 2\r\n')
    expect(writer.request('node:2', 'test', { headers, body })).toContain('Host: node:2\r\n')
    expect(writer.response({ headers, body }, false)).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(writer.response({ headers, body }, true)).toContain('Connection: close\r\n')
    const failed = { ...headers, [statusKey]: '503 Service Unavailable' }
    expect(writer.response({ headers: failed, body }, false)).toMatch(/^HTTP\/1.1 503 Service/)
    expect(writer.response({ headers, body }, false)).toMatch(/^HTTP\/1.1 200 OK\r\n(?!Connection)/)
  })
})
