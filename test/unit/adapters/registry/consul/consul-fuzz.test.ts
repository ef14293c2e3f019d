import { expect, it } from 'vitest'
import { fuzzConsul } from '../../../../support/consul-fuzz.js'

it('damaged answers of an agent end questions with an answer or an error, and watches outlive them', async () => {
  const { ends, strange, watched, soundAfterwards } = await fuzzConsul(240)
  expect(strange).toEqual([])
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['answer', 'unavailable']))
  expect(watched).toBeGreaterThan(0)
  expect(soundAfterwards).toBe(true)
})
