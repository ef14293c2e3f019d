import { expect, it } from 'vitest'
import { fuzzClient } from '../../support/client-fuzz.js'

it('damaged answers of 2017, version 1 and ja-micro end calls and streams with values or an error, and others go on', async () => {
  const { asked, answered, ends, open } = await fuzzClient(480)
  expect(answered).toBe(asked)
  expect(open).toBe(0)
  expect([...ends.keys()]).toEqual(
    expect.arrayContaining(['values', 'internal', 'unavailable', 'bad_request']),
  )
})
