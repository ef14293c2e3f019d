import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { advertisedAddress } from 'headrace/adapters/node-address'

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: null,
})
const v6 = (address: string): NetworkInterfaceInfo => ({ ...v4(address), family: 'IPv6', scopeid: 0 })

const loopback = { lo: [v4('127.0.0.1', true)] }
const office = { ...loopback, eth0: [v6('fe80::1'), v4('203.0.113.7')], eth1: [v4('172.20.0.4')] }
const rented = { ...loopback, eth0: [v6('fe80::1'), v6('2001:db8::7'), v4('203.0.113.7')] }
const modern = { ...loopback, eth0: [v6('fe80::1'), v6('2001:db8::7')] }

describe('the address a node advertises', () => {
  it.each([
    ['the host it is bound to', '127.0.0.1:80', undefined, office, '127.0.0.1:80'],
    ['a private IPv4 for a wildcard', '0.0.0.0:80', undefined, office, '172.20.0.4:80'],
    ['a private IPv4 for an empty host', ':80', undefined, office, '172.20.0.4:80'],
    ['a private IPv4 for the IPv6 wildcard', '[::]:80', undefined, office, '172.20.0.4:80'],
    ['the first outside address where none is private', '[::]:80', undefined, rented, '203.0.113.7:80'],
    ['an IPv6 address where it is the only one', '[::]:80', undefined, modern, '[2001:db8::7]:80'],
    ['no IPv6 address for a listener on IPv4', '0.0.0.0:80', undefined, modern, '127.0.0.1:80'],
    ['loopback where there is nothing else', ':80', undefined, loopback, '127.0.0.1:80'],
    ['the host of the option with the bound port', ':80', 'example.org', office, 'example.org:80'],
    ['the host and port of the option', '127.0.0.1:80', 'example.org:90', office, 'example.org:90'],
    ['an IPv6 host of the option', ':80', '[2001:db8::9]', office, '[2001:db8::9]:80'],
    ['an IPv6 host without brackets', ':80', '2001:db8::9', office, '[2001:db8::9]:80'],
    ['only the port of the option', ':80', ':90', office, '172.20.0.4:90'],
    ['a wildcard in the option resolved', '127.0.0.1:80', '0.0.0.0:90', office, '172.20.0.4:90'],
  ])('is %s', (_, bound, advertise, interfaces, address) => {
    const taken = advertisedAddress({
      bound,
      interfaces: () => interfaces,
      ...(advertise === undefined ? {} : { advertise }),
    })
    expect(taken.address).toBe(address)
    expect(taken.reason).toContain(address)
  })

  it('is told by the system only where a wildcard has to be replaced', () => {
    const interfaces = vi.fn(() => office)
    advertisedAddress({ bound: '127.0.0.1:80', interfaces })
    advertisedAddress({ bound: ':80', advertise: 'example.org', interfaces })
    expect(interfaces).not.toHaveBeenCalled()
  })

  it.each(['http://example.org', 'a b', 'host:80-90', 'host:99999'])('refuses to advertise %j', advertise => {
    expect(() => advertisedAddress({ bound: ':80', advertise, interfaces: () => loopback })).toThrow(
      expect.objectContaining({ kind: 'bad_request' }),
    )
  })
})
