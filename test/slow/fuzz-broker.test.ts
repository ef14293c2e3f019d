import { expect, it } from 'vitest'
import { fuzzBroker } from '../support/broker-fuzz.js'

it(
  '20,000 damaged requests end in an answer or a closed connection, and others go on',
  { timeout: 180_000 },
  async () => {
    const { sound, arrived, answers, growth } = await fuzzBroker(20_000)
    expect(arrived).toBe(sound)
    expect([...answers.keys()]).toContain('afterwards: HTTP/1.1 200 OK')
    expect(growth).toBeLessThan(64 * 1_048_576)
  },
)
