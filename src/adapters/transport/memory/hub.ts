import { ServiceError, formatAddress, parseAddress, parseListenAddress } from '../../../streams/index.js'
import type { MemoryChannel } from './channel.js'
import type { MemoryConnection } from './connection.js'

/** What a hub knows of a listener. */
export interface HubListener {
  /** One more channel: a connection of its own, or one of those that a connection carries. */
  accept(channel: MemoryChannel, connection?: MemoryConnection): void
  /** One more connection that carries many calls and channels. */
  connected(connection: MemoryConnection): void
}

/** Where memory transports meet: the ports of an imagined machine. One hub is one network. */
export class TransportHub {
  private readonly listeners = new Map<number, HubListener>()
  private lastPort = 40_000
  private lastClient = 0

  /** Takes the first free port of the address and returns the real `host:port`. Throws `conflict` when none is free. */
  bind(address: string, listener: HubListener): string {
    const { host, ports } = parseListenAddress(address)
    const port = ports.from === 0 ? this.anyFree() : this.firstFree(ports.from, ports.to)
    if (port === undefined) {
      throw new ServiceError('conflict', `listen at ${address}: the port is taken; port 0 takes any free one`)
    }
    this.listeners.set(port, listener)
    return formatAddress(host === '' ? '127.0.0.1' : host, port)
  }

  /** Gives the port of an address back. */
  release(address: string): void {
    this.listeners.delete(parseAddress(address).port)
  }

  /** The listener at an address. Throws `bad_request` for an address that is none, `unavailable` when nobody listens. */
  find(address: string): HubListener {
    const listener = this.listeners.get(parseAddress(address).port)
    if (listener === undefined) throw new ServiceError('unavailable', `dial ${address}: nobody listens there`)
    return listener
  }

  /** The address that a new client is seen under. */
  nextClient(): string {
    this.lastClient += 1
    return `memory:${this.lastClient}`
  }

  private anyFree(): number {
    do this.lastPort = this.lastPort === 65_535 ? 40_001 : this.lastPort + 1
    while (this.listeners.has(this.lastPort))
    return this.lastPort
  }

  private firstFree(first: number, last: number): number | undefined {
    for (let port = first; port <= last; port += 1) if (!this.listeners.has(port)) return port
    return undefined
  }
}

/** A network for {@link memory} transports: those that are given the same hub reach each other. */
export function createTransportHub(): TransportHub {
  return new TransportHub()
}
