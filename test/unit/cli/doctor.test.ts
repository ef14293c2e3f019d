import { describe, expect, test } from 'vitest'
import type { NetworkInterfaceInfo } from 'node:os'
import { checkInterfaces } from '../../../src/cli/doctor/interfaces.js'
import { createCliNetwork } from '../../support/cli.js'

const at = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '',
  cidr: `${address}/24`,
})
const loopback = { lo: [at('127.0.0.1', true)] }

describe('headrace doctor', () => {
  test('lets a service of its own be found and called, and shows what else is there', async () => {
    const network = createCliNetwork()
    const shop = network.service('shop', { id: 'one' })
    await shop.start()
    const { code, stdout } = await network.headrace(['doctor', 'shop', '--json'], {
      interfaces: { ...loopback, eth0: [at('10.0.0.5')] },
      env: { MICRO_SERVER_VERSION: '2.0.0' },
    })
    expect(code).toBe(0)
    const findings = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { check: string; status: string; text: string })
    expect(findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'settings ok',
      'environment ok',
      'interfaces ok',
      'listening ok',
      'registry ok',
      'calling ok',
      'services ok',
      'shop ok',
    ])
    expect(findings.map(({ text }) => text).slice(-2)).toEqual([
      '1 found: shop',
      `shop-one 1.0.0 at ${shop.address}: ok`,
    ])
    await shop.close()
    expect((await network.headrace(['list'])).stdout).toBe('')
  })

  test('says what to do about what is missing', async () => {
    const network = createCliNetwork()
    const { code, stdout } = await network.headrace(['doctor', 'shop', '--wait=10ms'], {
      interfaces: loopback,
    })
    expect(code).toBe(1)
    expect(stdout).toContain('warning  interfaces: this machine has loopback alone')
    expect(stdout).toContain('warning  services: no other service is in the registry memory')
    expect(stdout).toMatch(/problem {2}shop: no service 'shop' in the registry memory\n {9}→ names are exact/)
    expect(stdout).toMatch(/\nproblems: 1\n$/)
  })

  test('advises to look at the registry only where that may help', async () => {
    const network = createCliNetwork()
    const { code, stdout } = await network.headrace(['doctor', '--server_address=:99999'], {
      interfaces: loopback,
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /problem {2}starting: a service cannot be started: ':99999' is no address [^\n]*\n\n/,
    )
  })

  test.each([
    [{ ...loopback, eth0: [at('10.0.0.5')] }, undefined, ['ok']],
    [{ ...loopback, eth0: [at('10.0.0.5')], docker0: [at('172.17.0.1')] }, undefined, ['ok', 'warning']],
    [{ ...loopback, eth0: [at('10.0.0.5')], docker0: [at('172.17.0.1')] }, '10.0.0.5', ['ok']],
    [loopback, undefined, ['warning']],
    [loopback, '127.0.0.1', ['ok']],
  ])('interfaces %#', (interfaces, chosen, statuses) => {
    expect(checkInterfaces(interfaces, chosen).map(({ status }) => status)).toEqual(statuses)
  })
})
