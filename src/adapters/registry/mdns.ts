import type { Registry } from '../../streams/index.js'
import { MdnsRegistry } from './mdns/mdns-registry.js'
import { resolveMdnsOptions, type MdnsOptions } from './mdns/options.js'

export type { MdnsOptions }

/**
 * A registry without a server: nodes announce themselves by multicast DNS and answer those who ask, on the wire of go-micro
 * (PROTOCOL section 9). Nodes need an IP address and a port. Sockets are open while something is registered, watched or asked.
 *
 * ```ts
 * const registry = mdns({ interface: '127.0.0.1' })
 * ```
 */
export function mdns(options?: MdnsOptions): Registry {
  return new MdnsRegistry(resolveMdnsOptions(options))
}
