import { expect, it } from 'vitest'
import { fuzzMdns } from '../../../../support/mdns-fuzz.js'

it('damaged packets are passed over, and a registration is found among them', async () => {
  const { missed, foundAfterwards, seenAfterwards, faults } = await fuzzMdns(400)
  expect({ missed, foundAfterwards, seenAfterwards }).toEqual({
    missed: 0,
    foundAfterwards: true,
    seenAfterwards: true,
  })
  expect(faults).toBeGreaterThan(0)
})
