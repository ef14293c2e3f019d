import { ServiceError } from './errors.js'

/** A host name or IP address, without brackets, and a port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Where to listen: the first free port of a range; port 0 is any free one. An empty host is all interfaces. */
export interface ListenAddress {
  readonly host: string
  readonly ports: { readonly from: number; readonly to: number }
}

const form = /^(?:\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%\w+)?)\]|([^\s:[\]/@]*)):(\d{1,5})(?:-(\d{1,5}))?$/

/** Reads `host:port` or `[::1]:8080`. Throws `bad_request` that names the text and shows the forms. */
export function parseAddress(address: string): HostPort {
  const [, bracketed, plain = '', port, to] = form.exec(address) ?? []
  const host = bracketed ?? plain
  if (port === undefined || to !== undefined || host === '' || Number(port) > 65_535) {
    throw new ServiceError('bad_request', `'${address}' is no address; write host:port or [::1]:8080`)
  }
  return { host, port: Number(port) }
}

/** Reads `host:port`, `:0`, `host:5000-6000` or `[::1]:8080` (PROTOCOL section 2.9). Throws `bad_request` that names the text and shows the forms. */
export function parseListenAddress(address: string): ListenAddress {
  const [, bracketed, plain = '', first, last = first] = form.exec(address) ?? []
  const from = Number(first)
  const to = Number(last)
  if (first === undefined || from > to || to > 65_535) {
    throw new ServiceError(
      'bad_request',
      `'${address}' is no address to listen at; write host:port, :0, host:5000-6000 or [::1]:8080`,
    )
  }
  return { host: bracketed ?? plain, ports: { from, to } }
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
