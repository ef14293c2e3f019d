import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { fromNodeError } from '../../../src/adapters/node-error.js'

const failure = (code: string, text = 'text of Node') => Object.assign(new Error(text), { code })

describe('failures of Node', () => {
  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ECONNRESET', 'unavailable'],
    ['EPIPE', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['EHOSTUNREACH', 'unavailable'],
    ['ETIMEDOUT', 'timeout'],
    ['EADDRINUSE', 'conflict'],
    ['EACCES', 'forbidden'],
    ['EADDRNOTAVAIL', 'bad_request'],
    ['EMFILE', 'resource_exhausted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unavailable'],
  ])('%s is %s, with what was tried, the code and the cause', (code, kind) => {
    const cause = failure(code)
    const error = fromNodeError('dial a:1', cause)
    expect(error).toMatchObject({ kind, cause })
    expect(error.message).toMatch(new RegExp(`^dial a:1: .+ \\(${code}\\)$`))
  })

  it('finds the code in a cause, and in what was tried together', () => {
    const wrapped = new Error('outer', { cause: failure('EADDRINUSE') })
    expect(fromNodeError('listen', wrapped).kind).toBe('conflict')
    const together = new AggregateError([failure('ETIMEDOUT'), failure('ECONNREFUSED')])
    expect(fromNodeError('dial', together).kind).toBe('timeout')
  })

  it('keeps what has no code, and what is a ServiceError already', () => {
    expect(fromNodeError('dial', new Error('odd')).message).toBe('dial: odd')
    expect(fromNodeError('dial', 'text').message).toBe('dial: text')
    const known = new ServiceError('conflict', 'known')
    expect(fromNodeError('dial', known)).toBe(known)
  })
})
