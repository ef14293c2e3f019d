import { ServiceError } from './errors.js'

/** The parts of the address of one socket. An IPv6 `host` is without its brackets. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Where to listen: the ports of the range are tried in order. An empty `host` means all interfaces, port 0 any free one. */
export interface ListenAddress {
  readonly host: string
  readonly ports: { readonly from: number; readonly to: number }
}

const shape = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s:/?#@[\]]*)):(\d{1,5})(?:-(\d{1,5}))?$/
const highestPort = 65_535

/**
 * The host and port of `host:port` or `[v6]:port`. Throws `bad_request` that names the value for anything else, such as
 * an empty host, a missing port or a range.
 */
export function parseAddress(text: string): HostPort {
  const { host, ports } = parse(text, 'host:port, with an IPv6 host in brackets')
  if (host === '' || ports.from !== ports.to || text.endsWith(`-${ports.to}`)) {
    throw noAddress(text, 'host:port, with an IPv6 host in brackets')
  }
  return { host, port: ports.from }
}

/**
 * The host and ports of `host:port`, `:port` or `host:5000-6000` (PROTOCOL section 2.9). Throws `bad_request` that
 * names the value for anything else.
 */
export function parseListenAddress(text: string): ListenAddress {
  return parse(text, 'host:port, :port or host:from-to, with an IPv6 host in brackets')
}

/** `host:port`, an IPv6 host in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function parse(text: string, expected: string): ListenAddress {
  const [, v6, plain = '', first, last] = shape.exec(text) ?? []
  if (first === undefined) throw noAddress(text, expected)
  const from = Number(first)
  const to = Number(last ?? first)
  if (to > highestPort || from > to) throw noAddress(text, `${expected}; ports go up to ${highestPort}`)
  return { host: v6 ?? plain, ports: { from, to } }
}

function noAddress(text: string, expected: string): ServiceError {
  return new ServiceError('bad_request', `'${text}' is not an address: expected ${expected}`)
}
