import type { NetworkInterfaceInfo } from 'node:os'
import type { Finding } from './finding.js'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Interfaces of containers, virtual machines and tunnels: multicast seldom crosses them. */
const virtual = /^(docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|wg|tailscale|zt|ppp)/i

/** What the network interfaces of this machine say about finding others. `chosen` is the address that the registry was told to use. */
export function checkInterfaces(interfaces: Interfaces, chosen: string | undefined): readonly Finding[] {
  const all = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.map(info => ({ name, ...info })),
  )
  const outside = all.filter(({ internal }) => !internal)
  const shown = outside.map(({ name, address }) => `${name} ${address}`)
  const check = 'interfaces'
  if (chosen !== undefined && isLoopback(chosen)) {
    return [
      { check, status: 'ok', text: `only ${chosen} is used: services of this machine are found, no others` },
    ]
  }
  if (outside.length === 0) {
    return [
      {
        check,
        status: 'warning',
        text: 'this machine has loopback alone: services on other machines cannot be found',
        advice: 'connect it to a network, or use --registry_address=127.0.0.1 for services of this machine',
      },
    ]
  }
  const tunnels = [...new Set(outside.filter(({ name }) => virtual.test(name)).map(({ name }) => name))]
  const found: Finding = { check, status: 'ok', text: shown.join(', ') }
  if (tunnels.length === 0 || chosen !== undefined) return [found]
  return [
    found,
    {
      check,
      status: 'warning',
      text: `${tunnels.join(', ')} may be of a container, a virtual machine or a tunnel, which multicast seldom crosses`,
      advice:
        'name the address of the interface that the services share: --registry_address=ADDRESS, or use --registry=consul',
    },
  ]
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
