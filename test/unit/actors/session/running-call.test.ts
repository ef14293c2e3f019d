import { expect, it } from 'vitest'
import { ServiceError, refusedId, type Context } from 'headrace/streams'
import { handlerError } from '../../../../src/actors/session/running-call.js'

const context: Pick<Context, 'service'> = { service: 'shop' }

it('a handler that passes on a refusal of another service has run: its error is no refusal of its own', () => {
  const refusal = new ServiceError('unavailable', 'stock is stopping', { id: refusedId })
  const error = handlerError(refusal, context as Context)
  expect([error.id, error.kind, error.detail, error.cause]).toEqual([
    'shop',
    'unavailable',
    'stock is stopping',
    refusal,
  ])
})

it('an error of a handler keeps its id, and anything else becomes internal of the service', () => {
  const own = new ServiceError('conflict', 'taken', { id: 'shop.orders' })
  expect(handlerError(own, context as Context)).toBe(own)
  const unknown = handlerError(new TypeError('x is undefined'), context as Context)
  expect([unknown.id, unknown.kind, unknown.detail]).toEqual(['shop', 'internal', 'x is undefined'])
})
