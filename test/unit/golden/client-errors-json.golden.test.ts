import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { json } from '../../../src/adapters/codec/json.js'
import { jsonRpc } from '../../../src/wire/json-rpc.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { greeterTypes } from '../../support/greeter-types.js'
import { vector } from '../../support/vectors.js'

const file = '2017-client-errors'
const { helloResponse } = greeterTypes

/** What the vectors' server answers; the vectors hold what the Go client makes of it. */
const read = (answer: string) => jsonRpc().readResponse({ headers: {}, body: Buffer.from(answer) })

/** What the Go client got, and that we differ if we do. */
function outcome(name: string) {
  const { text, json: seen } = vector(file, name)
  const { result } = seen as { readonly result: unknown }
  return { text, result, differs: deliberateDifferences[`${file}/${name}`] !== undefined }
}

describe('answers that a client of go-micro 2017 reads in its own way', () => {
  it('json-id-not-number: an id that is a text is as good as another', () => {
    expect(outcome('json-id-not-number').differs).toBe(true)
    const frame = read('{"id":"x","result":{"greeting":"a"},"error":null}')
    expect(frame).toMatchObject({ id: 'x' })
    expect(json().decode(frame.body, helloResponse)).toEqual({ greeting: 'a' })
  })

  it('json-id-mismatch: the id of an answer is not compared', () => {
    const { text, result } = outcome('json-id-mismatch')
    const frame = read('{"id":77,"result":{"greeting":"other id"},"error":null}')
    expect(text).toBe('<nil>')
    expect(frame.error).toBeUndefined()
    expect(json().decode(frame.body, helloResponse)).toEqual(result)
  })

  it('json-error-object: an error that is an object is read as error text', () => {
    expect(outcome('json-error-object').differs).toBe(true)
    expect(read('{"id":0,"result":null,"error":{"code":1}}').error).toBe('{"code":1}')
    const ja = read('{"id":-1,"error":{"category":404,"message":"no such thing","retriable":false}}')
    expect(ServiceError.fromWire(ja.error ?? '')).toMatchObject({
      kind: 'not_found',
      detail: 'no such thing',
    })
  })

  it('json-error-empty: an empty error is an error without a text', () => {
    const { text } = outcome('json-error-empty')
    expect(read('{"id":0,"result":null,"error":""}').error).toBe(text)
  })

  it('json-null-result: no result is the zero value', () => {
    const { text, result } = outcome('json-null-result')
    const frame = read('{"id":0,"result":null,"error":null}')
    expect(text).toBe('<nil>')
    expect(result).toEqual({})
    expect(frame.error).toBeUndefined()
    expect(json().decode(frame.body, helloResponse)).toEqual({ greeting: '' })
  })
})
