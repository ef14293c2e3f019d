import { BlockList } from 'node:net'
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import { ServiceError } from '../../../streams/index.js'

/** One way to reach the others: a multicast group over IPv4 or IPv6, on one network interface or on the machine's choice. */
export interface MulticastPath {
  readonly type: 'udp4' | 'udp6'
  readonly group: string
  /** As `addMembership` and `setMulticastInterface` want it; absent: all for listening, the default one for sending. */
  readonly interface?: string
  /** What the socket for queries binds to. */
  readonly queryAddress: string
  /**
   * Whether an address is in a network of the path, or none at all: 0.0.0.0 and :: are what a machine sends from that has no address for its way out, such as a container with loopback
   * alone, and no router passes them on (RFC 1122 section 3.2.1.3). Others are not listened to: multicast DNS does not cross a router.
   */
  isNear(address: string): boolean
}

/** What to do instead, for the errors of a machine without multicast. */
export const instead =
  'name another interface (option `interface`, flag --registry_address; 127.0.0.1 for this machine alone) ' +
  'or use another registry (--registry=…)'

/**
 * The paths for an interface given by an address of this machine; without one, IPv4 on all interfaces and IPv6 on each that
 * has a link-local address. Throws `unavailable` for an address that this machine does not have.
 */
export function multicastPaths(address: string | undefined): readonly MulticastPath[] {
  const devices = Object.entries(networkInterfaces()).map(([name, infos = []]) => ({ name, infos }))
  if (address === undefined) {
    const linked = devices.filter(({ infos }) => infos.some(isLinkLocal))
    return [
      ipv4Path(devices.flatMap(({ infos }) => infos)),
      ...linked.map(({ name, infos }) => ipv6Path(name, infos)),
    ]
  }
  const device = devices.find(({ infos }) => infos.some(info => info.address === address))
  if (device === undefined) {
    const known = devices.flatMap(({ infos }) => infos.map(info => info.address)).join(', ')
    throw new ServiceError(
      'unavailable',
      `mdns: no interface has the address ${address}, only ${known}; ${instead}`,
    )
  }
  if (address.includes(':')) return [ipv6Path(device.name, device.infos)]
  return [ipv4Path(device.infos, address)]
}

function ipv4Path(infos: readonly NetworkInterfaceInfo[], address?: string): MulticastPath {
  const networks = new BlockList()
  networks.addAddress('0.0.0.0', 'ipv4')
  for (const { cidr, family } of infos)
    if (cidr !== null && family === 'IPv4') addNetwork(networks, cidr, 'ipv4')
  // Without a network beyond loopback, the system has no default interface for multicast.
  const chosen =
    address ?? (infos.some(info => info.family === 'IPv4' && !info.internal) ? undefined : '127.0.0.1')
  return {
    type: 'udp4',
    group: '224.0.0.251',
    ...(chosen === undefined ? {} : { interface: chosen }),
    queryAddress: chosen ?? '0.0.0.0',
    isNear: from => networks.check(from, 'ipv4'),
  }
}

function ipv6Path(device: string, infos: readonly NetworkInterfaceInfo[]): MulticastPath {
  const networks = new BlockList()
  networks.addAddress('::', 'ipv6')
  networks.addSubnet('fe80::', 10, 'ipv6')
  for (const { cidr } of infos) if (cidr !== null && cidr.includes(':')) addNetwork(networks, cidr, 'ipv6')
  return {
    type: 'udp6',
    group: 'ff02::fb',
    interface: `::%${device}`,
    queryAddress: '::',
    isNear: from => networks.check(from.split('%')[0] ?? '', 'ipv6'),
  }
}

function addNetwork(networks: BlockList, cidr: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', prefix] = cidr.split('/')
  networks.addSubnet(network, Number(prefix), family)
}

function isLinkLocal({ address, internal }: NetworkInterfaceInfo): boolean {
  return !internal && address.startsWith('fe80:')
}
