import { describe, expect, test } from 'vitest'
import { ServiceError, kindOf, type ErrorKind } from 'headrace/streams'
import { vector } from '../../support/vectors.js'

const file = '2017-errors'

const written: readonly string[] = [
  'error-408-request timeout: context deadline exceeded',
  'error-400-bad',
  'error-401-no',
  'error-403-no',
  'error-404-not found',
  'error-500-none available',
  'error-599-custom code',
  'error-418-teapot',
  'error-500-<html> & "quotes"',
]

const parsed: readonly { readonly name: string; readonly kind: ErrorKind }[] = [
  { name: 'parse plain failure', kind: 'internal' },
  { name: 'parse {"id":"a","code":404,"detail":"d","status":"Not Found"}', kind: 'not_found' },
  { name: 'parse {"code":"x"}', kind: 'internal' },
  { name: 'parse {"detail":"only"}', kind: 'internal' },
  { name: 'parse "str"', kind: 'internal' },
  { name: 'parse ', kind: 'internal' },
  { name: 'parse {"id":"a","code":5.5}', kind: 'internal' },
]

interface Fields {
  readonly id: string
  readonly code: number
  readonly detail: string
}

describe('the error texts of go-micro 2017', () => {
  test.each(written)('%s is written byte for byte', name => {
    const { input, text } = vector(file, name)
    const { id, code, detail } = input as Fields
    expect(new ServiceError(kindOf(code), detail, { id, code }).toWire()).toBe(text)
  })

  test.each(written)('%s is read back as it was', name => {
    const { input, text } = vector(file, name)
    expect(ServiceError.fromWire(text ?? '')).toMatchObject(input as Fields)
    expect(ServiceError.fromWire(text ?? '').toWire()).toBe(text)
  })

  test.each(parsed)('$name is read with the same meaning', ({ name, kind }) => {
    const { input, json } = vector(file, name)
    const error = ServiceError.fromWire(input as string)
    expect(error.toJSON()).toEqual(json)
    expect(error.kind).toBe(kind)
  })
})
