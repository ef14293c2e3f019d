import { describe, expect, it } from 'vitest'
import { bare } from '../../../src/wire/bare.js'

const envelope = bare()
const bytes = (text: string) => new TextEncoder().encode(text)
const none = new Uint8Array(0)

describe('the bare envelope', () => {
  it('leaves the body as it is and puts the endpoint into a header', () => {
    const body = bytes('{"name":"John"}')
    const message = envelope.writeRequest({ id: 7, endpoint: 'Greeter.Hello', body }, { Foo: 'bar' })
    expect(message).toEqual({ headers: { Foo: 'bar', ':endpoint': 'Greeter.Hello' }, body })
    expect(message.body).toBe(body)
    expect(envelope.readRequest(message)).toEqual({ id: null, endpoint: 'Greeter.Hello', body })
  })

  it('a further message of a stream has no endpoint and so no header', () => {
    const message = envelope.writeRequest({ id: 1, endpoint: '', body: none }, {})
    expect(message.headers).toEqual({})
    expect(envelope.readRequest(message).endpoint).toBe('')
  })

  it('an answer has no header but an error', () => {
    const body = bytes('{}')
    const answer = envelope.writeResponse({ id: 7, endpoint: 'Greeter.Hello', body }, {})
    expect(answer).toEqual({ headers: {}, body })
    expect(envelope.readResponse(answer)).toEqual({ id: null, endpoint: '', body })
    const failed = envelope.writeResponse({ id: 7, endpoint: 'Greeter.Hello', error: 'EOS', body: none }, {})
    expect(failed).toEqual({ headers: { ':error': 'EOS' }, body: none })
    expect(envelope.readResponse(failed)).toEqual({ id: null, endpoint: '', error: 'EOS', body: none })
  })

  it.each([2_048, 2_049, 200_000])('an error of %i characters comes back whole', length => {
    const error = 'ü'.repeat(length)
    const message = envelope.writeResponse({ id: null, endpoint: '', error, body: none }, {})
    expect(message.body.length > 0).toBe(length > 2_048)
    expect(envelope.readResponse(message)).toMatchObject({ error, body: none })
  })

  it('an empty error is one', () => {
    const message = envelope.writeResponse({ id: null, endpoint: '', error: '', body: none }, {})
    expect(envelope.readResponse(message).error).toBe('')
  })

  it('a long error that is no text is bad_request', () => {
    const read = () => envelope.readResponse({ headers: { ':error': '' }, body: Uint8Array.of(0xff) })
    expect(read).toThrow(expect.objectContaining({ kind: 'bad_request' }))
  })
})
