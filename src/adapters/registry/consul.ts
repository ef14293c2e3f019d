import type { Registry } from '../../streams/index.js'
import { ConsulRegistry } from './consul/consul-registry.js'
import { resolveConsulOptions, type ConsulOptions, type ConsulTlsOptions } from './consul/options.js'

export type { ConsulOptions, ConsulTlsOptions }

/**
 * A registry at Consul agents, with the tags of go-micro (PROTOCOL section 10). It needs the npm package `consul` beside headrace, which is loaded with the
 * first operation. Nodes with a time to live have a TTL check; nodes with a critical check are not shown. A watch is a blocking query.
 *
 * ```ts
 * const registry = consul({ addresses: ['127.0.0.1:8500'] })
 * ```
 */
export function consul(options?: ConsulOptions): Registry {
  return new ConsulRegistry(resolveConsulOptions(options))
}
