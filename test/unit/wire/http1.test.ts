import { describe, expect, it } from 'vitest'
import { HeadWriter, createRequestParser, createResponseParser, statusKey } from '../../../src/wire/http1.js'
import { requestsIn, responsesIn, wideLimits, joinMessage } from '../../support/framing.js'

const bytes = (text: string) => Buffer.from(text, 'utf8')
const body = bytes('hi')
const host = 'node:1'

describe('reading HTTP/1.1', () => {
  it('makes header names canonical and reads their values as UTF-8', () => {
    const [request] = requestsIn(
      bytes('POST / HTTP/1.1\r\nx-USER-id:  größer \r\ncontent-length: 2\r\n\r\nhi'),
    )
    expect(request?.headers).toEqual({ 'X-User-Id': 'größer', 'Content-Length': '2' })
    expect(Buffer.from(request?.body ?? [])).toEqual(body)
  })

  it('takes a line feed alone for the end of a line, and passes over empty lines before a message', () => {
    const [request] = requestsIn(bytes('\r\n\nPOST / HTTP/1.1\nA: b\nContent-Length: 2\n\nhi'), 1)
    expect(request?.headers['A']).toBe('b')
  })

  it('reads chunked bodies with extensions and trailers', () => {
    const text =
      'POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\nh\r\n1\r\ni\r\n0\r\nX: y\r\n\r\n'
    for (const piece of [1, 2, 5, 1000]) {
      const requests = requestsIn(bytes(text + text), piece)
      expect(requests.map(({ body: read }) => Buffer.from(read).toString())).toEqual(['hi', 'hi'])
    }
  })

  it('reads a response without a length up to the end of the connection', () => {
    const parser = createResponseParser(wideLimits)
    parser.push(bytes('HTTP/1.0 200 OK\r\n\r\nh'))
    expect(parser.next()).toBeUndefined()
    parser.push(bytes('i'))
    expect(parser.finish()?.body).toEqual(body)
    expect(parser.finish()).toBeUndefined()
  })

  it('passes over 100 Continue, and gives bodyless responses no body', () => {
    const text =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'
    expect(responsesIn(bytes(text)).map(({ status }) => status)).toEqual([204, 304])
  })

  it('says what a connection goes on with', () => {
    const parser = createRequestParser(wideLimits)
    parser.push(
      bytes('GET /x HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: headrace\r\n\r\n\0\x01more'),
    )
    expect(parser.next()).toMatchObject({ method: 'GET', target: '/x', upgrade: 'headrace' })
    expect(Buffer.from(parser.takeRest()).toString('latin1')).toBe('\0\x01more')
    expect(parser.partial).toBe(false)
    const preface = createRequestParser(wideLimits)
    preface.push(bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
    expect(preface.next()).toMatchObject({ method: 'PRI', target: '*', version: '2.0' })
  })

  it.each([
    ['no request line', 'hello\r\n\r\n', 400],
    ['no version', 'GET /\r\n\r\n', 400],
    ['another version', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['a folded line', 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nA : b\r\n\r\n', 400],
    ['no colon', 'GET / HTTP/1.1\r\nAb\r\n\r\n', 400],
    ['a zero byte', 'GET / HTTP/1.1\r\nA: b\0\r\n\r\n', 400],
    ['a lone carriage return', 'GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'a length and an encoding',
      'GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['another encoding', 'GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', 400],
    [
      'an encoding twice',
      'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['a negative length', 'GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
    ['a length with a sign', 'GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n', 400],
    ['no chunk size', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['a chunk beyond its size', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n', 400],
    ['a head too large', `GET / HTTP/1.1\r\nA: ${'x'.repeat(70_000)}`, 431],
    ['a body too large', 'GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n', 413],
    ['a chunk too large', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n', 413],
    [
      'a chunk line without end',
      `GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(5000)}`,
      400,
    ],
  ])('refuses %s, and goes on refusing', (_, text, code) => {
    for (const piece of [1, 1000, text.length]) {
      const parser = createRequestParser(wideLimits)
      const read = () => {
        for (let at = 0; at < text.length; at += piece) {
          parser.push(Buffer.from(text.slice(at, at + piece), 'latin1'))
          parser.next()
        }
      }
      const refusal = expect.objectContaining({ name: 'ServiceError', code })
      expect(read).toThrow(refusal)
      parser.push(bytes('GET / HTTP/1.1\r\n\r\n'))
      expect(() => parser.next()).toThrow(refusal)
    }
  })

  it('refuses a connection that ends in the middle of a message', () => {
    for (const text of ['GET', 'GET / HTTP/1.1\r\n\r', 'GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nhi']) {
      const parser = createRequestParser(wideLimits)
      parser.push(bytes(text))
      expect(() => parser.finish()).toThrow(expect.objectContaining({ kind: 'bad_request' }))
    }
  })
})

describe('writing HTTP/1.1', () => {
  it('puts the framing first and the rest in alphabetical order, the later of two spellings', () => {
    const head = new HeadWriter().request(host, 'me', {
      headers: { b: '2', A: '1', 'x-id': 'n', 'X-ID': 'm' },
      body,
    })
    expect(head).toBe(
      'POST / HTTP/1.1\r\nHost: node:1\r\nUser-Agent: me\r\nContent-Length: 2\r\nA: 1\r\nB: 2\r\nX-Id: m\r\n\r\n',
    )
  })

  it('sends no header that belongs to the framing or is none', () => {
    const headers = {
      Host: 'evil',
      'content-length': '99',
      Connection: 'close',
      ':path': '/x',
      Upgrade: 'ws',
      A: '1',
    }
    const head = new HeadWriter().response({ headers, body }, false)
    expect(head).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: 1\r\n\r\n')
  })

  it('writes another status, and says when it is the last', () => {
    const head = new HeadWriter().response(
      { headers: { [statusKey]: '503 Service Unavailable' }, body },
      true,
    )
    expect(head).toBe('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nConnection: close\r\n\r\n')
  })

  it('lets no value break out of its line', () => {
    const writer = new HeadWriter()
    const headers = { A: 'x\r\nEvil: y\0', B: 'größer' }
    const [request] = requestsIn(joinMessage(writer.request(host, 'me', { headers, body }), body))
    expect(request?.headers).toMatchObject({ A: 'x  Evil: y', B: 'größer' })
    expect(request?.headers).not.toHaveProperty('Evil')
  })

  it('refuses a header name that HTTP cannot carry', () => {
    for (const name of ['', 'a b', 'a\r\nb', 'größe', 'a:b']) {
      const write = () => new HeadWriter().request(host, 'me', { headers: { [name]: 'x' }, body })
      expect(write).toThrow(expect.objectContaining({ kind: 'bad_request' }))
    }
  })
})
