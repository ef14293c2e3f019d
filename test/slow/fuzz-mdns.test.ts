import { expect, it } from 'vitest'
import { fuzzMdns } from '../support/mdns-fuzz.js'

it(
  '20,000 damaged packets are passed over, a registration is found among them, and memory stays',
  { timeout: 180_000 },
  async () => {
    const { missed, lookups, foundAfterwards, seenAfterwards, growth } = await fuzzMdns(20_000)
    expect(lookups).toBe(20)
    expect({ missed, foundAfterwards, seenAfterwards }).toEqual({
      missed: 0,
      foundAfterwards: true,
      seenAfterwards: true,
    })
    expect(growth).toBeLessThan(16 * 1_048_576)
  },
)
