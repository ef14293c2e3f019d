import { expect, it } from 'vitest'
import { fuzzBroker } from '../../../support/broker-fuzz.js'

it('damaged requests end in an answer or a closed connection, and others go on', async () => {
  const { sound, arrived, answers } = await fuzzBroker(320)
  expect(arrived).toBe(sound)
  expect([...answers.keys()]).toContain('afterwards: HTTP/1.1 200 OK')
})
