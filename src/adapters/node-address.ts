import type { networkInterfaces } from 'node:os'
import { ServiceError, formatAddress, parseAddress, parseListenAddress } from '../streams/index.js'

/** What {@link advertisedAddress} decides from. */
export interface AdvertiseOptions {
  /** Where the listener is bound, `host:port`. */
  readonly bound: string
  /** What to advertise in its place: a host or `host:port`. A wildcard host counts as none, port 0 as the bound one. */
  readonly advertise?: string
  /** `os.networkInterfaces`, asked where a wildcard has to be replaced: the system takes its time. */
  readonly interfaces: () => ReturnType<typeof networkInterfaces>
}

/** The address for the registry, and why it is that. */
export interface AdvertisedAddress {
  /** `host:port`. */
  readonly address: string
  /** A sentence for the event that says which address was taken. */
  readonly reason: string
}

/**
 * The address by which others reach a listener (PROTOCOL section 2.9): what `advertise` says, else the host it is bound to. A
 * wildcard becomes the first private IPv4 of the machine, else its first address that is not internal, else 127.0.0.1.
 * Throws `bad_request` for an address that is none.
 */
export function advertisedAddress({ bound, advertise, interfaces }: AdvertiseOptions): AdvertisedAddress {
  const listener = parseListenAddress(bound)
  const wanted = advertise === undefined ? undefined : parseAdvertised(advertise)
  const port = wanted?.port || listener.ports.from
  const taken = (host: string, why: string) => {
    const address = formatAddress(host, port)
    return { address, reason: `Advertising ${address}: ${why}` }
  }
  if (wanted !== undefined && !isWildcard(wanted.host)) return taken(wanted.host, 'the option says so')
  if (wanted === undefined && !isWildcard(listener.host))
    return taken(listener.host, 'the listener is bound to it')
  const { host, why } = chooseHost(interfaces, listener.host !== '0.0.0.0')
  return taken(host, why)
}

function parseAdvertised(text: string): { host: string; port: number } {
  if (/^(\[.*\]|[^:]*)$/.test(text)) return parseAdvertised(`${text}:0`)
  if (/^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(text)) return parseAdvertised(`[${text}]:0`)
  const { host, ports } = parseListenAddress(text)
  if (ports.from !== ports.to)
    throw new ServiceError('bad_request', `'${text}' cannot be advertised: it has several ports`)
  return host === '' ? { host, port: ports.from } : parseAddress(text)
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || /^[0:]*::?0*$/.test(host)
}

function chooseHost(interfaces: AdvertiseOptions['interfaces'], v6: boolean): { host: string; why: string } {
  const outside = Object.values(interfaces()).flatMap(list =>
    (list ?? []).filter(({ internal }) => !internal),
  )
  const v4 = outside.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
  const privateV4 = v4.find(isPrivate)
  if (privateV4 !== undefined)
    return { host: privateV4, why: 'the first private IPv4 address of this machine' }
  // A link-local IPv6 address means nothing without the name of the interface, which differs on each machine.
  const global = outside.filter(
    ({ family, address }) => v6 && family === 'IPv6' && !/^fe[89ab]/i.test(address),
  )
  const host = v4[0] ?? global[0]?.address
  if (host !== undefined)
    return { host, why: 'the first address of this machine, which has no private IPv4 one' }
  return { host: '127.0.0.1', why: 'this machine has no other address, so no other machine can reach it' }
}

function isPrivate(address: string): boolean {
  const [first = 0, second = 0] = address.split('.').map(Number)
  return first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168)
}
