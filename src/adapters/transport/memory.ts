import { count, given, resolveOptions, type OptionRules, type Transport } from '../../streams/index.js'
import { createTransportHub, type TransportHub } from './memory/hub.js'
import { MemoryTransport } from './memory/transport.js'

export { createTransportHub, type TransportHub } from './memory/hub.js'

/** The options of {@link memory}. */
export interface MemoryTransportOptions {
  /**
   * The network: transports that are given the same hub reach each other.
   * @default a hub of its own
   */
  readonly hub?: TransportHub
  /**
   * How many calls one link carries at once: 1 behaves as go-micro's wire, more as a multiplexed one.
   * @default 1024
   */
  readonly callsPerLink?: number
  /**
   * How many messages of one direction of a channel may be under way: sent and not yet answered by the receiver.
   * @default 1024
   */
  readonly windowMessages?: number
  /**
   * How many bytes of bodies of one direction may be under way before the sender must wait.
   * @default 262144
   */
  readonly windowBytes?: number
}

/**
 * The transport for one process, and the reference for all others: asynchronous, bounded, and byte-copying.
 *
 * @example
 * const hub = createTransportHub()
 * const server = memory({ hub })
 * const client = memory({ hub })
 */
export function memory(options: MemoryTransportOptions = {}): Transport {
  const { hub, callsPerLink, windowMessages, windowBytes } = resolveOptions(
    'memory transport',
    options,
    rules(),
  )
  return new MemoryTransport(hub, callsPerLink, { messages: windowMessages, bytes: windowBytes })
}

const rules = (): OptionRules<Required<MemoryTransportOptions>> => ({
  hub: given(createTransportHub()),
  callsPerLink: count(1024),
  windowMessages: count(1024),
  windowBytes: count(256 * 1024),
})
