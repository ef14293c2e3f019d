import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { decodePublication, encodePublication } from '../../../src/wire/broker-http.js'

const encoded = (headers: Record<string, string>, body = '') =>
  encodePublication({ topic: 'events', message: { headers, body: Buffer.from(body) } }).toString()
const decoded = (text: string) => decodePublication(Buffer.from(text))

describe('the JSON of a publication', () => {
  it('has the headers in the order of their bytes and Go escapes', () => {
    expect(encoded({ é: '1', b: '<&>', B: '\u2028', ':topic': 'another' }, 'hi')).toBe(
      '{"Header":{":topic":"events","B":"\\u2028","b":"\\u003c\\u0026\\u003e","é":"1"},"Body":"aGk="}',
    )
  })

  it('has the id of an event with its topic, as version 1 reads them, beside the headers of the message', () => {
    const headers = { 'Micro-Id': 'old', 'Micro-Topic': 'old', foo: 'bar' }
    const bytes = encodePublication({
      topic: 'events',
      id: '7',
      message: { headers, body: Buffer.from('hi') },
    })
    expect(bytes.toString()).toBe(
      '{"Header":{":topic":"events","Micro-Id":"7","Micro-Topic":"events","foo":"bar"},"Body":"aGk="}',
    )
    const { topic, id, message } = decodePublication(bytes)
    expect([topic, id, message.headers]).toEqual(['events', '7', { foo: 'bar' }])
  })

  it('has null for an empty body', () =>
    expect(encoded({})).toBe('{"Header":{":topic":"events"},"Body":null}'))

  it.each([
    ['keys in any case', '{"hEADER":{":topic":"events"},"BODY":"aGk="}', 'hi'],
    ['fields that nobody reads', '{"x":[{}],"Header":{":topic":"events"},"Body":"aGk="}', 'hi'],
    ['no body', '{"Header":{":topic":"events"}}', ''],
    ['lines in the base64', '{"Header":{":topic":"events"},"Body":"a\\r\\nGk="}', 'hi'],
  ])('is read with %s', (_, text, body) => {
    const { topic, message } = decoded(text)
    expect([topic, Buffer.from(message.body).toString(), { ...message.headers }]).toEqual([
      'events',
      body,
      {},
    ])
  })

  it.each([
    ['nope', /^Error parsing request body: /],
    ['', /^Error parsing request body: /],
    ['[]', /an array in place of an object/],
    ['null', /^Topic not found$/],
    ['{}', /^Topic not found$/],
    ['{"Header":{":topic":""}}', /^Topic not found$/],
    ['{"Header":[]}', /an array in place of the header/],
    ['{"Header":{":topic":"events","n":1}}', /a number in place of header 'n'/],
    ['{"Header":{":topic":"events"},"Body":1}', /a number in place of the body/],
    ['{"Header":{":topic":"events"},"Body":"a"}', /not base64/],
    ['{"Header":{":topic":"events"},"Body":"aG!="}', /not base64/],
    ['{"Header":{":topic":"events"},"Body":"aG_="}', /not base64/],
    ['{"Header":{":topic":"events"},"Body":"aGk=aGk="}', /not base64/],
    [`{"x":${'['.repeat(1_000_000)}`, /nested deeper/],
    [`{"x":"${'\\"'.repeat(100_000)}`, /^Error parsing request body: /],
  ])('is refused as Go refuses it: %#', (text, why) => {
    expect(() => decoded(text)).toThrow(
      expect.objectContaining({ id: 'go.micro.broker', code: 500, message: expect.stringMatching(why) }),
    )
  })

  it('keeps any headers and any body', () => {
    const headers = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))
    const property = fc.property(
      headers,
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ minLength: 1 }),
      (given, body, topic) => {
        const sent = Object.fromEntries(Object.entries(given).filter(([key]) => key !== ':topic'))
        const got = decodePublication(encodePublication({ topic, message: { headers: sent, body } }))
        expect(got.topic).toBe(topic)
        expect(Object.entries(got.message.headers).sort()).toEqual(Object.entries(sent).sort())
        expect(Buffer.compare(got.message.body, body)).toBe(0)
      },
    )
    fc.assert(property, {
      numRuns: 300,
      examples: [[JSON.parse('{"__proto__":"x"}'), new Uint8Array(0), 't']],
    })
  })

  it('ends in a value or one kind of error, whatever comes', () => {
    const frame = Buffer.from(encoded({ foo: 'bar' }, 'hello'))
    const damaged = fc.tuple(fc.nat(frame.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
      const copy = Buffer.from(frame)
      copy[at] = byte
      return copy
    })
    const any = fc.oneof(
      damaged,
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map(text => Buffer.from(text)),
    )
    fc.assert(
      fc.property(any, bytes => {
        try {
          decodePublication(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
