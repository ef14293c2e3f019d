import { expect, test } from 'vitest'
import { ServiceError } from 'headrace/streams'

test('an error text that is not JSON becomes the detail of an internal error', () => {
  const error = ServiceError.fromWire('plain failure')
  expect([error.kind, error.detail]).toEqual(['internal', 'plain failure'])
})
