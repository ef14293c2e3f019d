import { describe, expect, test } from 'vitest'
import { ServiceError, codeOf, kindOf, phraseOf, refusedId, type ErrorKind } from 'headrace/streams'

const codes: Readonly<Record<ErrorKind, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  timeout: 408,
  conflict: 409,
  resource_exhausted: 429,
  cancelled: 499,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
}

describe('kinds and codes', () => {
  test.each(Object.entries(codes) as [ErrorKind, number][])('%s is %d, both ways', (kind, code) => {
    expect([codeOf(kind), kindOf(code)]).toEqual([code, kind])
  })

  test.each([
    [418, 'bad_request'],
    [451, 'bad_request'],
    [500, 'internal'],
    [599, 'internal'],
    [0, 'internal'],
    [200, 'internal'],
    [-1, 'internal'],
  ])('an unknown code %d is of the kind %s', (code, kind) => {
    expect(kindOf(code)).toBe(kind)
  })

  test('a code without a phrase has the empty one', () => {
    expect([phraseOf(404), phraseOf(418), phraseOf(499), phraseOf(599)]).toEqual([
      'Not Found',
      "I'm a teapot",
      '',
      '',
    ])
  })
})

describe('a ServiceError', () => {
  test('has the kind, the code and phrase of the kind, the detail as its message, and headrace as its id', () => {
    const error = new ServiceError('not_found', "no service 'greeter'")
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ServiceError',
      kind: 'not_found',
      id: 'headrace',
      code: 404,
      status: 'Not Found',
      message: "no service 'greeter'",
      detail: "no service 'greeter'",
    })
  })

  test('keeps its cause and never writes it', () => {
    const cause = new Error('secret path')
    const error = new ServiceError('internal', 'failed', { cause, id: refusedId })
    expect(error.cause).toBe(cause)
    expect(error.toWire()).not.toContain('secret')
    expect(JSON.stringify(error)).toBe(error.toWire())
    expect('cause' in new ServiceError('internal', 'failed')).toBe(false)
  })

  test('escapes the five characters that Go escapes', () => {
    const text = new ServiceError('bad_request', '<a>&\u2028\u2029').toWire()
    expect(text).toContain('\\u003ca\\u003e\\u0026\\u2028\\u2029')
    expect(ServiceError.fromWire(text).detail).toBe('<a>&\u2028\u2029')
  })

  test('from returns a ServiceError as it is and wraps everything else', () => {
    const error = new ServiceError('conflict', 'taken')
    expect(ServiceError.from(error, 'greeter')).toBe(error)
    const cause = new TypeError('x is undefined')
    const wrapped = ServiceError.from(cause, 'greeter')
    expect(wrapped).toMatchObject({ kind: 'internal', id: 'greeter', message: 'x is undefined', cause })
    expect(ServiceError.from('text')).toMatchObject({ kind: 'internal', message: 'text', cause: 'text' })
    expect(ServiceError.from(undefined).message).toBe('undefined')
  })
})

describe('the error text of a peer', () => {
  test('of ja-micro is read by its own names', () => {
    const text = '{"category":404,"message":"no such user","source":"users"}'
    expect(ServiceError.fromWire(text)).toMatchObject({
      kind: 'not_found',
      code: 404,
      detail: 'no such user',
      id: 'users',
    })
  })

  test('keeps a code and a phrase that are unknown here', () => {
    const text = '{"id":"x","code":460,"detail":"d","status":"Custom"}'
    expect(ServiceError.fromWire(text)).toMatchObject({ kind: 'bad_request', code: 460, status: 'Custom' })
    expect(ServiceError.fromWire(text).toWire()).toBe(text)
  })

  test.each([
    '{',
    '{"id":',
    '[1]',
    'null',
    '  {"code":1e400}',
    '{"detail":{"a":1}}',
    '\0',
    '{"__proto__":{"code":404}}',
    '{"code":-0.5,"detail":7}',
  ])('%j is never thrown at, whatever it is', text => {
    const error = ServiceError.fromWire(text)
    expect(error.kind).toBe('internal')
    expect(error.detail).toBe(text)
  })
})
