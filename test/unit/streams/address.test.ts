import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress, parseListenAddress } from 'headrace/streams'

describe('addresses', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['localhost:65535', 'localhost', 65_535],
    ['[::1]:9000', '::1', 9000],
    ['[fe80::1%eth0]:9000', 'fe80::1%eth0', 9000],
    ['my_host.local:0', 'my_host.local', 0],
  ])('reads %s, and writes it again', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port })
    expect(formatAddress(host, port)).toBe(text)
  })

  it.each(['', 'host', 'host:', ':80', '::1:80', '[::1]', '[::1', 'host:65536', 'host:-1', 'a b:80'])(
    'refuses %j, naming it',
    text => {
      expect(() => parseAddress(text)).toThrow(
        expect.objectContaining({ kind: 'bad_request', message: expect.stringContaining(`'${text}'`) }),
      )
    },
  )

  it.each(['host:5000-6000', 'host:80-80', 'http://host:80', 'user@host:80', 'host:8 0'])(
    'does not dial %j',
    text => expect(() => parseAddress(text)).toThrow(expect.objectContaining({ kind: 'bad_request' })),
  )

  it.each([
    [':0', '', 0, 0],
    ['host:5000-6000', 'host', 5000, 6000],
    ['[::]:8080', '::', 8080, 8080],
  ])('listens at %s', (text, host, from, to) => {
    expect(parseListenAddress(text)).toEqual({ host, ports: { from, to } })
  })

  it.each(['host', 'host:6000-5000', 'host:1-70000', '', '[host]:80'])('does not listen at %j', text => {
    expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ kind: 'bad_request' }))
  })
})
