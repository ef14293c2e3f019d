import { expect, it } from 'vitest'
import { fuzzHttp } from '../support/http-fuzz.js'

it(
  '20,000 damaged inputs end in an answer or a closed connection, and others go on',
  { timeout: 180_000 },
  async () => {
    const { asked, answered, ends, growth } = await fuzzHttp(20_000)
    expect(answered).toBe(asked)
    expect([...ends.keys()]).toEqual(expect.arrayContaining(['HTTP/1.1 200 OK', 'HTTP/1.1 400 Bad Request']))
    expect(growth).toBeLessThan(32 * 1024 * 1024)
  },
)
