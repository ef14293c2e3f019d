import { describe, expect, test } from 'vitest'
import { goDuration, ttlCheck } from '../../../../src/wire/consul/ttl-check.js'

describe('TTL checks', () => {
  test.each([
    [0.2, '1ms'],
    [250, '250ms'],
    [1_500, '1.5s'],
    [30_000, '30s'],
    [60_000, '1m0s'],
    [90_250, '1m30.25s'],
    [3_600_000, '1h0m0s'],
    [7_323_004, '2h2m3.004s'],
  ])('%d ms is %s', (ms, text) => expect(goDuration(ms)).toBe(text))

  test.each([
    [5_000, { ttl: '5s', deregisterAfter: '1m5s' }],
    [60_000, { ttl: '1m0s', deregisterAfter: '1m5s' }],
    [120_000, { ttl: '2m0s', deregisterAfter: '2m5s' }],
  ])('a TTL of %d ms', (ms, check) => expect(ttlCheck(ms)).toEqual(check))
})
