import { describe, expect, it, test } from 'vitest'
import type { FrameId } from 'headrace/streams'
import { json } from '../../../src/adapters/codec/json.js'
import { jsonRpc } from '../../../src/wire/json-rpc.js'
import { greeterTypes } from '../../support/greeter-types.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = '2017-codec-json-rpc'
const { helloRequest, helloResponse, streamRequest, event } = greeterTypes
const envelope = jsonRpc()
const codec = json()
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

/** What a Go client sends, as a value of ours. */
const requests = [
  { name: 'request-hello', type: helloRequest, value: { name: 'John' } },
  { name: 'request-empty', type: helloRequest, value: { name: '' } },
  { name: 'request-stream-seq2', type: streamRequest, value: { count: 7n } },
  { name: 'request-map', type: undefined, value: { n: 1, name: 'John' } },
  { name: 'request-nil', type: undefined, value: null },
  { name: 'request-html', type: helloRequest, value: { name: '<b>&\u2028' } },
] as const

/** What a Go server answers. */
const answers = [
  { name: 'response-ok', id: 0 },
  { name: 'response-id-string', id: 'abc' },
  { name: 'response-id-missing', id: null },
  { name: 'response-id-null', id: null },
] as const

const errors = ['response-error-json', 'response-error-plain', 'response-eos'] as const

describe('json-rpc bodies of go-micro 2017', () => {
  test.each(requests)('$name is written byte for byte', ({ name, type, value }) => {
    const golden = vector(file, name)
    const { method, seq } = golden.input as { readonly method: string; readonly seq: number }
    const frame = { id: seq, endpoint: method, body: codec.encode(value, type) }
    expect(text(envelope.writeRequest(frame, {}).body)).toBe(golden.text)
  })

  test.each(requests)('$name is read with the same meaning', ({ name, type, value }) => {
    const golden = vector(file, name)
    const { method, seq } = golden.input as { readonly method: string; readonly seq: number }
    const frame = envelope.readRequest({ headers: {}, body: bytesOf(golden) })
    expect(frame).toMatchObject({ id: seq, endpoint: method })
    expect(codec.decode(frame.body, type)).toEqual(value)
  })

  test.each(answers)('$name is the answer to the same request, byte for byte', ({ name, id }) => {
    const golden = vector(file, name)
    const asked = readInput(golden.input)
    expect(asked.id).toBe(id)
    const { name: who } = codec.decode(asked.body, helloRequest) as { readonly name: string }
    expect(answerTo(asked.id, { greeting: `Hello ${who}` })).toBe(golden.text)
  })

  test.each(answers)('$name is read with the same meaning', ({ name, id }) => {
    const frame = envelope.readResponse({ headers: {}, body: bytesOf(vector(file, name)) })
    expect(frame).toMatchObject({ id })
    expect(frame.error).toBeUndefined()
    expect(codec.decode(frame.body, helloResponse)).toEqual({ greeting: 'Hello John' })
  })

  test.each(errors)('%s is written and read', name => {
    const golden = vector(file, name)
    const { error } = golden.input as { readonly error: string }
    const { id, endpoint } = readInput(golden.input)
    const written = envelope.writeResponse({ id, endpoint, error, body: new Uint8Array(0) }, {})
    expect(text(written.body)).toBe(golden.text)
    expect(envelope.readResponse({ headers: {}, body: bytesOf(golden) })).toMatchObject({ id: 0, error })
  })

  it('publication-event is the bare message', () => {
    const golden = vector(file, 'publication-event')
    const value = { id: '1', timestamp: 1487980800n, message: 'hi' }
    expect(text(codec.encode(value, event))).toBe(golden.text)
    expect(codec.decode(bytesOf(golden), event)).toEqual(value)
  })

  it('request-not-json is refused', () => {
    const { input } = vector(file, 'request-not-json')
    const body = Buffer.from(input as string)
    expect(() => envelope.readRequest({ headers: {}, body })).toThrow(
      expect.objectContaining({ kind: 'bad_request' }),
    )
  })
})

function readInput(input: unknown) {
  const { request } = input as { readonly request: string }
  return envelope.readRequest({ headers: {}, body: Buffer.from(request) })
}

function answerTo(id: FrameId, value: unknown): string {
  const frame = { id, endpoint: '', body: codec.encode(value, helloResponse) }
  return text(envelope.writeResponse(frame, {}).body)
}
