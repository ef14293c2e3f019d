import { expect, it } from 'vitest'
import { fuzzHttp } from '../../../support/http-fuzz.js'

it('damaged inputs end in an answer or a closed connection, and others go on', async () => {
  const { asked, answered, ends, told } = await fuzzHttp(400)
  expect(answered).toBe(asked)
  expect([...ends.keys()]).toContain('HTTP/1.1 400 Bad Request')
  expect(told).toBeLessThan(200)
})
