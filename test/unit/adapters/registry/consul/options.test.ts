import { describe, expect, test } from 'vitest'
import { consul, type ConsulOptions } from 'headrace/adapters/registry/consul'
import { resolveConsulOptions } from '../../../../../src/adapters/registry/consul/options.js'

describe('the options of the Consul registry', () => {
  test('addresses get the port of Consul, and are there once', () => {
    const addresses = ['a', 'b:1', '::1', '[::2]', '[::3]:3', 'a:8500']
    expect(resolveConsulOptions({ addresses }).addresses).toEqual([
      'a:8500',
      'b:1',
      '[::1]:8500',
      '[::2]:8500',
      '[::3]:3',
    ])
    expect(resolveConsulOptions(undefined).addresses).toEqual(['127.0.0.1:8500'])
  })

  const wrong: readonly (readonly [string, unknown])[] = [
    ['addresses', []],
    ['addresses', ['']],
    ['addresses', ['a b']],
    ['addresses', ['a:99999']],
    ['addresses', ['http://a:1']],
    ['addresses', ['a?b']],
    ['addresses', ['a%zz:1']],
    ['addresses', 'a:1'],
    ['token', ''],
    ['datacentre', 7],
    ['waitMs', 0],
    ['timeoutMs', -1],
    ['maxAnswerBytes', 1.5],
    ['maxTextBytes', 0],
    ['maxNodes', 0],
    ['concurrency', 0],
    ['adresses', ['a']],
  ]
  test.each(wrong)('%s: %o is a bad_request that names it', (name, value) => {
    const options = { [name]: value } as ConsulOptions
    expect(() => consul(options)).toThrow(expect.objectContaining({ kind: 'bad_request' }))
    expect(() => consul(options)).toThrow(`'${name}'`)
  })
})
