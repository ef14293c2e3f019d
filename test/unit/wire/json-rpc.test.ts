import { describe, expect, it, test } from 'vitest'
import { json } from '../../../src/adapters/codec/json.js'
import { jsonRpc } from '../../../src/wire/json-rpc.js'
import { utf8 } from '../../support/codec-samples.js'

const envelope = jsonRpc()
const codec = json()
const request = (text: string) => envelope.readRequest({ headers: {}, body: utf8(text) })
const response = (text: string) => envelope.readResponse({ headers: {}, body: utf8(text) })
const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })

describe('the params of a request', () => {
  test.each([
    ['the first of one', '[{"a":1}]', { a: 1 }],
    ['the first of several', '[ {"a":1} , 2, [3] ]', { a: 1 }],
    ['an empty list: the zero value', '[]', {}],
    ['an empty list with space in it', '[ \n ]', {}],
    ['null in the list', '[null]', null],
    ['a list in the list', '[[1,"]"]]', [1, ']']],
    ['a text', '["a\\"]"]', 'a"]'],
    ['a number', '[-1.5e3]', -1500],
  ])('%s', (_, params, value) => {
    const frame = request(`{"method":"A.B","params":${params},"id":1}`)
    expect(frame).toMatchObject({ id: 1, endpoint: 'A.B' })
    expect(frame.fault).toBeUndefined()
    expect(codec.decode(frame.body)).toEqual(value)
  })

  test.each([
    ['null', '"params":null,', 'params is null'],
    ['missing', '', 'there are no params'],
    ['an object', '"params":{"a":1},', 'params is an object'],
    ['a number', '"params":5,', 'params is a number'],
    ['a text', '"params":"x",', 'params is a string'],
  ])('%s: the frame has a fault, and the id to answer it with', (_, params, detail) => {
    const frame = request(`{"method":"A.B",${params}"id":"x"}`)
    expect(frame).toMatchObject({ id: 'x', endpoint: 'A.B', fault: refusal(detail) })
    expect(frame.body).toHaveLength(0)
  })
})

test.each(Array.from({ length: 12 }, (_, more) => 56 + more))(
  'a text of %i characters ends at its own quote whatever stands before that',
  length => {
    for (const end of ['', '\\', '"', '\\\\', '\\"', '""', '\\"\\', '"\\"']) {
      const text = 'x'.repeat(length - end.length) + end
      const frame = request(`{"method":"A.B","params":[${JSON.stringify(text)},"]}\\""],"id":7}`)
      expect(frame.id).toBe(7)
      expect(codec.decode(frame.body)).toBe(text)
      expect(() => request(`{"params":[${JSON.stringify(text).slice(0, -1)}`)).toThrow(
        refusal('a string must end'),
      )
    }
  },
)

describe('the members of an envelope', () => {
  it('match in any case, the last of equal ones counts, and unknown ones are ignored', () => {
    const frame = request('{"METHOD":"A.B","Params":[1],"more":{"id":[9]},"id":1,"ID":2,"params":[3]}')
    expect(frame).toMatchObject({ id: 2, endpoint: 'A.B' })
    expect(codec.decode(frame.body)).toBe(3)
  })

  it('may have escapes in their names and in the method', () => {
    expect(request('{"m\\u0065thod":"A\\u002eB","params":[]}').endpoint).toBe('A.B')
  })

  it('a method that is missing or null is no name at all', () => {
    expect(request('{"params":[],"id":1}').endpoint).toBe('')
    expect(request('{"method":null,"params":[],"id":1}').endpoint).toBe('')
  })

  test.each([
    ['0', 0],
    ['-1', -1],
    ['1.5', 1.5],
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['"a\\"b"', 'a"b'],
    ['null', null],
  ])('the id %s keeps its value and its kind', (text, id) => {
    expect(request(`{"id":${text},"params":[]}`).id).toBe(id)
    const answer = envelope.writeResponse({ id, endpoint: '', body: utf8('{}') }, {})
    expect(Buffer.from(answer.body).toString()).toBe(`{"id":${text},"result":{},"error":null}\n`)
  })

  test.each(['true', '{}', '[1]', '1e999'])('the id %s is refused', text => {
    expect(() => request(`{"id":${text},"params":[]}`)).toThrow(refusal('is no number, string or null'))
  })
})

describe('an answer', () => {
  test.each([
    ['a text', '"boom"', 'boom'],
    ['an empty text', '""', 'unspecified error'],
    ["ja-micro's object", '{"category":400, "message":"no"}', '{"category":400, "message":"no"}'],
    ['a number', '5', '5'],
    ['false', 'false', 'false'],
  ])('with %s as its error fails with that text', (_, error, text) => {
    expect(response(`{"id":0,"result":{"a":1},"error":${error}}`)).toMatchObject({ error: text })
  })

  it('without a result is a body of no bytes, with null the body null', () => {
    expect(response('{"id":0}').body).toHaveLength(0)
    expect(codec.decode(response('{"id":0,"result":null}').body)).toBeNull()
  })

  it('is written with an empty object where there is no result', () => {
    const nobody = { id: 0, endpoint: '', body: new Uint8Array(0) }
    expect(Buffer.from(envelope.writeResponse(nobody, {}).body).toString()).toBe(
      '{"id":0,"result":{},"error":null}\n',
    )
  })
})

it('a damaged envelope says where', () => {
  expect(() => request('{"method":"A.B";"id":0}')).toThrow(
    refusal("at byte 15 ',' must follow, but it is 0x3b"),
  )
  expect(() => request('{"method":"A.B","id":0')).toThrow(
    refusal("at byte 22 ',' must follow, but the text ends"),
  )
})

it('bytes that are not UTF-8 in a member are refused', () => {
  const body = Uint8Array.from([...utf8('{"method":"'), 0xff, ...utf8('"}')])
  expect(() => envelope.readRequest({ headers: {}, body })).toThrow(refusal('not UTF-8'))
})
