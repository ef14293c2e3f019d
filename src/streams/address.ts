import { ServiceError } from './errors.js'

/** Where to listen: the first free port from `first` to `last`; port 0 is any free one. An empty host is all interfaces. */
export interface PortRange {
  readonly host: string
  readonly first: number
  readonly last: number
}

/** A host and a port to dial. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

const form = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:[\]/]*)):(\d{1,5})(?:-(\d{1,5}))?$/

/** Reads `host:port`, `:0`, `host:5000-6000` or `[::1]:8080`. Throws `bad_request` that shows the forms (PROTOCOL section 2.9). */
export function parseListenAddress(address: string): PortRange {
  const [, bracketed, plain = '', from, to = from] = form.exec(address) ?? []
  const first = Number(from)
  const last = Number(to)
  if (from === undefined || first > last || last > 65_535) {
    throw new ServiceError(
      'bad_request',
      `'${address}' is no address to listen at; write host:port, :0, host:5000-6000 or [::1]:8080`,
    )
  }
  return { host: bracketed ?? plain, first, last }
}

/** Reads `host:port` or `[::1]:8080` with a port from 1 to 65535. Throws `bad_request` that shows the forms. */
export function parseDialAddress(address: string): HostPort {
  const [, bracketed, plain = '', from, to] = form.exec(address) ?? []
  const host = bracketed ?? plain
  const port = Number(from)
  if (from === undefined || to !== undefined || host === '' || port < 1 || port > 65_535) {
    throw new ServiceError(
      'bad_request',
      `'${address}' is no address to dial; write host:port or [::1]:8080 with a port from 1 to 65535`,
    )
  }
  return { host, port }
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
