import { describe, expect, it } from 'vitest'
import { RepeatedHead } from '../../../../src/wire/http1/repeated-head.js'
import { createRequestParser } from '../../../../src/wire/http1.js'
import { requestsIn, wideLimits } from '../../../support/framing.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const head = 'POST / HTTP/1.1\r\nContent-Length: 2\r\nA: b\r\n\r\n'

describe('a head that comes again', () => {
  it('is known by its bytes alone, and only when all of them are there', () => {
    const repeated = new RepeatedHead<string>()
    expect(repeated.match(bytes(''), 0, 0)).toBeUndefined()
    const original = bytes(head)
    repeated.remember(original, 'read')
    original.fill(0) // the bytes of a connection are used again
    const next = bytes(`..${head}hi`)
    expect(repeated.match(next, 2, next.length)).toBe('read')
    expect(repeated.match(next, 2, 2 + head.length - 1)).toBeUndefined()
    expect(repeated.match(next, 1, next.length)).toBeUndefined()
    expect(repeated.length).toBe(head.length)
  })

  it('is not kept when it is long', () => {
    const repeated = new RepeatedHead<string>()
    repeated.remember(Buffer.alloc(1025), 'long')
    expect(repeated.match(Buffer.alloc(2000), 0, 2000)).toBeUndefined()
  })

  it.each([1, 7, 60, 1000])('gives each message its own body in pieces of %i bytes', size => {
    const requests = requestsIn(bytes(`${head}hi${head}ho\r\n${head.replace('b', 'c')}ha${head}he`), size)
    expect(requests.map(({ body }) => Buffer.from(body).toString())).toEqual(['hi', 'ho', 'ha', 'he'])
    expect(requests.map(({ headers }) => headers['A'])).toEqual(['b', 'b', 'c', 'b'])
  })

  it('cannot be changed by who has read it', () => {
    const parser = createRequestParser(wideLimits)
    parser.push(bytes(`${head}hi${head}ho`))
    const headers = parser.next()?.headers as Record<string, string>
    expect(() => (headers['A'] = 'changed')).toThrow(TypeError)
    expect(parser.next()?.headers['A']).toBe('b')
  })
})
