import { expect, it } from 'vitest'
import { fuzzDialects } from '../../support/dialect-fuzz.js'

it('damaged requests of version 1 and of ja-micro end in an answer or a closed connection, and others go on', async () => {
  const { asked, answered, ends, inFlight } = await fuzzDialects(480)
  expect(answered).toBe(asked)
  expect(inFlight).toBe(0)
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['HTTP/1.1 200 OK', 'HTTP/1.1 400 Bad Request']))
})
