import { describe, expect, it } from 'vitest'
import type { Metadata } from 'headrace/streams'
import { HeadWriter, type HttpRequest, type HttpResponse } from '../../../src/wire/http1.js'
import { requestsIn, responsesIn, traffic, joinMessage } from '../../support/framing.js'
import { vector } from '../../support/vectors.js'

/** Requests that the Go client wrote, and that ours writes the same. */
const written: readonly (readonly [file: string, name: string])[] = [
  ['2017-http-unary', 'unary-octet-stream'],
  ['2017-http-unary', 'unary-protobuf'],
  ['2017-http-unary', 'unary-json'],
  ['2017-http-unary', 'unary-json-rpc'],
  ['2017-http-unary', 'unary-metadata'],
  ['2017-http-unary', 'unary-void-proto'],
  ['2017-http-unary', 'unary-void-json'],
  ['2017-http-unary', 'unary-handler-error-proto'],
  ['2017-http-unary', 'unary-handler-error-json'],
  ['2017-http-unary', 'unary-plain-error-json'],
  ['2017-http-unary', 'unary-unknown-method'],
  ['2017-http-unary', 'unary-unknown-service'],
  ['2017-http-unary', 'unary-ill-formed'],
  ['2017-http-unary', 'unary-ill-formed-3'],
  ['2017-http-unary', 'unary-json-wrong-type'],
  ['2017-http-unary', 'debug-health'],
  ['2017-http-unary', 'pooled-two-calls'],
  ...['bidi-server-ends', 'bidi-client-ends', 'server-push', 'stream-error', 'stream-unknown-method'].flatMap(
    name =>
      ['application/json', 'application/octet-stream'].map(
        type => ['2017-http-stream', `${name} ${type}`] as const,
      ),
  ),
]

/** Requests written by hand, which a server must read. */
const read: readonly (readonly [name: string, requests: number])[] = [
  ['raw-unsupported-content-type', 1],
  ['raw-content-type-params', 1],
  ['raw-no-content-type', 1],
  ['raw-minimal-json', 1],
  ['raw-chunked', 1],
  ['raw-http10', 1],
  ['raw-not-json', 1],
  ['raw-empty-body-json', 1],
  ['raw-pipelined-two', 2],
  ['raw-connection-close', 1],
  ['raw-params-null', 1],
  ['raw-params-empty', 1],
  ['raw-params-object', 1],
  ['raw-expect-continue', 1],
]

const pieces = [1, 2, 3, 7, 64, 100, 1_000_000]
const goAgent = 'Go-http-client/1.1'
const goHost = '127.0.0.1:18080'

/** What the caller hands to the transport: all but the headers of HTTP itself. */
function own(headers: Metadata): Metadata {
  const { 'Content-Length': _, 'User-Agent': __, Connection: ___, ...rest } = headers
  return rest
}

function writeRequests(requests: readonly HttpRequest[]): Buffer {
  const writer = new HeadWriter()
  return Buffer.concat(
    requests.map(({ headers, body }) => {
      const message = { headers: own(headers), body }
      return joinMessage(writer.request(goHost, goAgent, message), body)
    }),
  )
}

/** A server of ours answers with its own header alone; PROTOCOL section 2.2 leaves out the echo of the request. */
function writeResponses(responses: readonly HttpResponse[]): Buffer {
  const writer = new HeadWriter()
  return Buffer.concat(
    responses.map(response => joinMessage(writer.response(ownOf(response), false), response.body)),
  )
}

function ownOf({ headers, body }: HttpResponse) {
  const type = headers['Content-Type']
  return { headers: type === undefined ? {} : { 'Content-Type': type }, body }
}

function withoutEcho(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  return text.replace(/(HTTP\/1\.1 200 OK\r\n)([\s\S]*?)\r\n\r\n/g, (_, status: string, lines: string) => {
    const kept = lines.split('\r\n').filter(line => /^Content-(Length|Type):/.test(line))
    return `${status}${kept.join('\r\n')}\r\n\r\n`
  })
}

describe('golden: HTTP framing of go-micro 2017', () => {
  it.each(written)('%s: %s is read in any pieces, and written the same', (file, name) => {
    const requests = traffic(vector(file, name), 'client>server')
    const responses = traffic(vector(file, name), 'server>client')
    const [asked, answered] = [requestsIn(requests), responsesIn(responses)]
    expect(asked.length).toBeGreaterThan(0)
    expect(answered.length).toBeGreaterThan(0)
    for (const piece of pieces) {
      expect(requestsIn(requests, piece)).toEqual(asked)
      expect(responsesIn(responses, piece)).toEqual(answered)
    }
    expect(writeRequests(asked).toString('latin1')).toBe(requests.toString('latin1'))
    expect(writeResponses(answered).toString('latin1')).toBe(withoutEcho(responses))
    for (const { method, target, version, upgrade, last } of asked) {
      expect({ method, target, version, upgrade, last }).toEqual({
        method: 'POST',
        target: '/',
        version: '1.1',
        upgrade: '',
        last: false,
      })
    }
  })

  it.each(read)('2017-http-unary: %s is %i requests', (name, count) => {
    const requests = traffic(vector('2017-http-unary', name), 'client>server')
    const asked = requestsIn(requests)
    expect(asked).toHaveLength(count)
    for (const piece of pieces) expect(requestsIn(requests, piece)).toEqual(asked)
    const responses = traffic(vector('2017-http-unary', name), 'server>client')
    for (const { status } of responsesIn(responses)) expect(status).toBe(200)
    expect(writeResponses(responsesIn(responses)).toString('latin1')).toBe(withoutEcho(responses))
  })

  it('keeps the first of a repeated header, the verb and the path, and says when the peer sends no more', () => {
    const [put] = requestsIn(traffic(vector('2017-http-unary', 'raw-minimal-json'), 'client>server'))
    expect(put).toMatchObject({ method: 'PUT', target: '/foo/bar?x=1', headers: { 'X-Twice': 'a' } })
    expect(put?.headers).not.toHaveProperty('Host')
    const [chunked] = requestsIn(traffic(vector('2017-http-unary', 'raw-chunked'), 'client>server'))
    expect(chunked?.headers).not.toHaveProperty('Transfer-Encoding')
    expect(Buffer.from(chunked?.body ?? []).toString()).toContain('Greeter.Hello')
    const [old] = requestsIn(traffic(vector('2017-http-unary', 'raw-http10'), 'client>server'))
    expect(old?.version).toBe('1.0')
    const [last] = requestsIn(traffic(vector('2017-http-unary', 'raw-connection-close'), 'client>server'))
    expect(last?.last).toBe(true)
  })
})
