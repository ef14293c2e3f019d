import { expect, it } from 'vitest'
import { multicastPaths } from '../../../../../src/adapters/registry/mdns/multicast-path.js'

it('takes for near whoever is in a network of the machine, or has no address for its way out', () => {
  const near = (from: string) => multicastPaths('127.0.0.1').map(path => path.isNear(from))
  expect(near('127.0.0.1')).toEqual([true])
  expect(near('127.9.9.9')).toEqual([true])
  expect(near('0.0.0.0')).toEqual([true])
  expect(near('0.0.0.1')).toEqual([false])
  expect(near('203.0.113.7')).toEqual([false])
})

it('refuses an address that this machine does not have, and names those that it has', () => {
  expect(() => multicastPaths('203.0.113.7')).toThrow(
    /no interface has the address 203\.0\.113\.7, only .*127\.0\.0\.1/,
  )
})
